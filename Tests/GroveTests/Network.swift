import Foundation
import Testing

/// Hosts on a network of their own: each a network namespace with an address and a host name, on one switch.
final class Network {
  /// Host 0 is the coordinator's.
  static func address(_ host: Int) -> String { "10.88.0.\(host + 1)" }

  private let name = "grove-\(UInt32.random(in: 0 ... .max))"
  private let hosts: Int

  /// Whether this machine lets this process make them.
  static func isPossible() async throws -> Bool {
    guard geteuid() == 0 else { return false }
    return try await shell("unshare --net ip link add switch type bridge").status == 0
  }

  init(hosts: Int) async throws {
    self.hosts = hosts
    var script = """
      set -e
      ip netns add \(name)
      ip -n \(name) link add switch type bridge
      ip -n \(name) link set switch up

      """
    for host in 0..<hosts {
      script += """
        ip netns add \(name)-\(host)
        ip -n \(name)-\(host) link add cable type veth peer name plug\(host) netns \(name)
        ip -n \(name) link set plug\(host) master switch up
        ip -n \(name)-\(host) address add \(Self.address(host))/24 dev cable
        ip -n \(name)-\(host) link set cable up
        ip -n \(name)-\(host) link set lo up

        """
    }
    let made = try await Self.shell(script)
    try #require(made.status == 0, "\(made.errors)")
  }

  /// Takes the hosts away, once their processes have ended.
  func remove() async throws {
    _ = try await Self.shell(
      (0..<hosts).map { "ip netns delete \(name)-\($0);" }.joined() + "ip netns delete \(name)")
  }

  /// A command on a host.
  func command(on host: Int, _ words: [String]) -> [String] {
    ["netns", "exec", "\(name)-\(host)", "unshare", "--uts", "sh", "-c", "hostname host-\(host) && exec \"$@\"", "sh"]
      + words
  }

  /// Runs a script on a host, and what it needs there.
  @discardableResult func shell(on host: Int, _ script: String) async throws -> Program.Ended {
    try await Running(
      URL(fileURLWithPath: "/usr/sbin/ip"), command(on: host, ["sh", "-c", script]), in: NSTemporaryDirectory()
    ).ended()
  }

  private static func shell(_ script: String) async throws -> Program.Ended {
    try await Running(URL(fileURLWithPath: "/bin/sh"), ["-c", script], in: NSTemporaryDirectory()).ended()
  }
}

extension Program {
  /// Starts the program on a host. - Parameter limit: of descriptors; nil: this process's.
  func start(_ arguments: [String], on host: Int, of network: Network, limit: Int? = nil) throws -> Running {
    // The shell stays: the program closes what it inherits beyond its limit, by which Foundation tells that a child has ended.
    let limited =
      limit.map { ["sh", "-c", "ulimit -n \($0); setpriv --pdeathsig KILL \"$@\"; exit $?", "sh"] } ?? []
    return try Running(
      URL(fileURLWithPath: "/usr/sbin/ip"), network.command(on: host, limited + [Program.path] + arguments), in: folder)
  }
}
