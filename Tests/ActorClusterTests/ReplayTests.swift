import Distributed
import Foundation
import Synchronization
import Testing
import ZeroMQ

@testable import ActorCluster

/// What somebody on the network can do with traffic that is not theirs, at a port with keys.
@Suite(.timeLimit(.minutes(2)))
struct ReplayTests {
  private func node(_ name: String, bind: String?, _ keyring: Keyring) throws -> ClusterSystem {
    var configuration = ClusterSystem.Configuration(name: name, role: "node", bind: bind)
    configuration.heartbeat = .milliseconds(50)
    configuration.types = [$EchoNode<ClusterSystem>.self, Rejected.self]
    configuration.keyring = keyring
    return try ClusterSystem(configuration)
  }

  @Test func recordedTrafficAndRandomBytesDoNothing() async throws {
    let (server, client) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
    let known = [server.publicKey, client.publicKey]
    func keyring(_ pair: CurveKeyPair) -> Keyring {
      Keyring(pair, server: server.publicKey) { known.contains($0) ? .init(name: "node", roles: ["node"]) : nil }
    }
    let listening = try node("server", bind: "tcp://127.0.0.1:*", keyring(server))
    let (calls, called) = AsyncStream.makeStream(of: Void.self)
    listening.export(Echo(actorSystem: listening, waiting: called), as: "echo", answering: [(any EchoNode).self])
    let port = try #require(
      Keyring.parts(of: listening.endpoint).address.split(separator: ":").last.flatMap { UInt16($0) })

    // A call, through somebody who writes everything down.
    let recorder = try Recorder(to: port)
    let caller = try node("client", bind: nil, keyring(client))
    let peer = try await caller.connect(to: "tcp://127.0.0.1:\(recorder.port)")
    let echo = try $EchoNode<ClusterSystem>.resolve(id: .init(node: peer, name: "echo"), using: caller)
    let waiting = Task { try await echo.waitForever() }
    var begunAndEnded = calls.makeAsyncIterator()
    await begunAndEnded.next()
    waiting.cancel()
    await begunAndEnded.next()
    await caller.shutdown()
    while !listening.members.isEmpty { await Task.yield() }
    let recorded = recorder.recorded
    #expect(recorded.count > 300)

    // The same bytes again, and others.
    for bytes in [recorded, (0..<4096).map { _ in UInt8.random(in: 0 ... .max) }, Array("GET / HTTP/1.1\r\n\r\n".utf8)]
    {
      for _ in 0..<20 { Recorder.say(bytes, to: port) }
    }
    // It still serves those it knows; whatever was said before has been dealt with by then.
    let second = try node("second", bind: nil, keyring(client))
    let again = try await second.connect(to: listening.endpoint)
    #expect(
      try await $EchoNode<ClusterSystem>.resolve(id: .init(node: again, name: "echo"), using: second).echo(7) == 7)
    #expect(listening.members.map(\.node.name) == ["second"])
    called.finish()
    #expect(await begunAndEnded.next() == nil)
    await second.shutdown()
    await listening.shutdown()
  }
}

/// Carries bytes to and from a port, and keeps those that go there.
private final class Recorder: Sendable {
  let port: UInt16
  private let bytes = Mutex<[UInt8]>([])
  private let listener: Int32

  var recorded: [UInt8] { bytes.withLock(\.self) }

  init(to target: UInt16) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = Self.address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0 && listen(listener, 1) == 0
      }
    }
    try #require(isBound)
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in
      let (near, far) = (accept(listener, nil, nil), Self.connected(to: target))
      Thread.detachNewThread { Self.carry(far, near) { _ in } }
      Self.carry(near, far) { part in self.bytes.withLock { $0 += part } }
      close(listener)
    }
  }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return address
  }

  private static func connected(to port: UInt16) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = address(port)
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return descriptor
  }

  private static func carry(_ from: Int32, _ to: Int32, _ seen: (ArraySlice<UInt8>) -> Void) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(from, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      seen(buffer[..<count])
      guard send(to, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
    }
    shutdown(to, Int32(SHUT_RDWR))
  }

  /// Sends bytes, and listens until the port has had enough of them, or half a second.
  static func say(_ bytes: [UInt8], to port: UInt16) {
    let descriptor = connected(to: port)
    defer { close(descriptor) }
    var patience = timeval(tv_sec: 0, tv_usec: 20_000)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    var answer = [UInt8](repeating: 0, count: 4096)
    while recv(descriptor, &answer, answer.count, 0) > 0 {}
  }
}
