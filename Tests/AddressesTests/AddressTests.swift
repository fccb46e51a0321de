import Addresses
import Testing

struct AddressTests {
  private static let key = String(repeating: "5b", count: 32)

  @Test(arguments: [
    "tcp://127.0.0.1:5570", "tcp://10.0.0.1:*", "tcp://*:5570", "tcp://[::1]:5570", "tcp://[::]:*",
    "tcp://node-7.example:1", "tcp://grove_coordinator:65535", "tcp://[fe80::1%eth0]:5570",
    "tcp://[::ffff:10.0.0.1]:5570", "ipc:///tmp/a",
    "tcp://10.0.0.1:5570#\(key)", "ipc:///tmp/a#\(key)", "http://127.0.0.1:5580", "http://[::1]:*",
  ])
  func whatIsReadIsWritten(_ text: String) throws {
    #expect(try #require(Address(text)).description == text)
  }

  @Test(arguments: [
    "", "nowhere", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:0", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:٣",
    "tcp://127.0.0.1:80:90", "tcp://::1:5570", "tcp://[::1]", "tcp://[10.0.0.1]:5570", "tcp://[::1:5570",
    "tcp://[gg::]:1", "tcp://a b:5570", "tcp://a/b:5570", "tcp://a;b:5570", "tcp://münchen:1", "tcp://:5570",
    "tcp://.:5570",
    // As an IPv4 address in short: every address, and the loopback.
    "tcp://0:5570", "tcp://127.1:5570", "tcp://0x7f000001:5570", "tcp://256.0.0.1:1",
    "tcp://10.0.0.1:5570#ab", "tcp://10.0.0.1:5570#", "tcp://10.0.0.1:5570#\(key)0", "http://10.0.0.1:5580#\(key)",
    "udp://10.0.0.1:1", "ipc://", "ipc:///" + String(repeating: "a", count: 200), "tcp://10.0.0.1:5570\n",
  ])
  func whatIsNoneIsRefused(_ text: String) { #expect(Address(text) == nil) }

  /// Behind whichever way of writing it, and with a key or without.
  @Test(arguments: ["", "#\(key)"]) func whoReachesItIsOneAnswer(_ suffix: String) throws {
    for (host, isOfThisMachine, isEverywhere) in [
      ("127.0.0.1", true, false), ("127.8.0.9", true, false), ("[::1]", true, false), ("localhost", true, false),
      ("LOCALHOST", true, false), ("[::ffff:127.0.0.1]", true, false), ("[0:0:0:0:0:0:0:1]", true, false),
      ("*", false, true), ("0.0.0.0", false, true), ("[::]", false, true), ("[0:0::0]", false, true),
      ("[::ffff:0.0.0.0]", false, true),
      ("10.0.0.1", false, false), ("[fd00::7]", false, false), ("127.evil.example", false, false),
      ("localhost.evil.example", false, false), ("node7", false, false),
    ] {
      let address = try #require(Address("tcp://\(host):5570\(suffix)"), "\(host)")
      #expect(address.isOfThisMachine == isOfThisMachine && address.isEverywhere == isEverywhere, "\(address)")
      let here = address.fromHere
      #expect(!here.isEverywhere && here.isOfThisMachine == (isOfThisMachine || isEverywhere), "\(here)")
      #expect(here.key == address.key && here.port == 5570)
    }
  }

  @Test func portsAndKeysAreFilledIn() throws {
    let address = try #require(Address("tcp://[fd00::7]:*"))
    #expect(address.with(port: 4711).with(key: Self.key).description == "tcp://[fd00::7]:4711#\(Self.key)")
    #expect(address.with(port: 4711).with(port: 1).port == 4711)
    #expect(try #require(Address("tcp://10.0.0.1:1#\(Self.key.uppercased())")).key == Self.key)
  }

  @Test func namesAreLookedUpAndNumbersAreNot() throws {
    #expect(try #require(Address("tcp://localhost:80")).isNamed)
    #expect(try #require(Address("tcp://localhost:80")).lookedUp().allSatisfy(\.isOfThisMachine))
    let numbers = try #require(Address("tcp://127.0.0.1:80"))
    #expect(!numbers.isNamed && numbers.source == "127.0.0.1")
    #expect(try numbers.lookedUp() == [numbers])
    let unknown = try #require(Address("tcp://no-such-host.invalid:80"))
    #expect(throws: AddressLookupError.self) { try unknown.lookedUp() }
  }
}
