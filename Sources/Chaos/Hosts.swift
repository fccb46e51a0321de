import Foundation
import Processes

/// Network namespaces that stand for hosts: each worker has one, with a ``Cable`` to the switch in the namespace of this
/// process, where the coordinator is.
struct Hosts: Sendable {
  /// Address of the coordinator's host.
  static let coordinator = "10.77.0.1"

  private let workers: Int
  /// Of the namespaces, which processes with other process ids see, too.
  private let name = "grove-chaos-\(String(UInt32.random(in: 0 ... .max), radix: 16))"
  private let cables: [Cable]

  /// Whether this machine lets this process make them.
  static func arePossible() async -> Bool {
    let make = "ip link add switch type bridge && ip link add one type veth peer name other"
    guard geteuid() == 0 else { return false }
    return (try? await Self.run("unshare", "--net", "sh", "-c", make)) != nil
  }

  /// Makes them. This process has to be in a network namespace of its own, which ends with it, with
  /// its loopback up.
  init(workers: Int) async throws {
    self.workers = workers
    let ip = "ip"
    try await Self.run(ip, "link", "add", "switch", "type", "bridge")
    try await Self.run(ip, "address", "add", "\(Self.coordinator)/24", "dev", "switch")
    try await Self.run(ip, "link", "set", "switch", "up")
    var cables: [Cable] = []
    for worker in 0..<workers {
      let host = "\(name)-\(worker)"
      let (cable, wall, plug) = ("cable\(worker)", "wall\(worker)", "plug\(worker)")
      try await Self.run(ip, "netns", "add", host)
      try await Self.run(ip, "link", "add", cable, "type", "veth", "peer", "name", "cable", "netns", host)
      try await Self.run(ip, "link", "add", wall, "type", "veth", "peer", "name", plug)
      try await Self.run(ip, "link", "set", plug, "master", "switch", "up")
      try await Self.run(ip, "link", "set", wall, "up")
      try await Self.run(ip, "link", "set", cable, "up")
      try await Self.run(ip, "-n", host, "address", "add", "\(Self.address(worker))/24", "dev", "cable")
      try await Self.run(ip, "-n", host, "link", "set", "cable", "up")
      try await Self.run(ip, "-n", host, "link", "set", "lo", "up")
      cables.append(try Cable(between: cable, and: wall, seed: UInt64(worker)))
    }
    self.cables = cables
  }

  func remove() async {
    for cable in cables { cable.cut() }
    for worker in 0..<workers { _ = try? await Self.run("ip", "netns", "delete", host(worker)) }
  }

  /// - Throws: ``TrialError`` with what the command wrote if it failed.
  private static func run(_ command: String...) async throws {
    let (ending, output, errors) = try await Child.output(of: command)
    guard ending == .exit(0) else {
      throw TrialError("“\(command.joined(separator: " "))” failed: \((output + errors).prefix(1000))")
    }
  }

  private func host(_ worker: Int) -> String { "\(name)-\(worker)" }

  static func address(_ worker: Int) -> String { "10.77.0.\(10 + worker)" }

  /// What to put before a command, so that it runs on a worker's host.
  func on(_ worker: Int) -> [String] { ["ip", "netns", "exec", host(worker)] }

  func begin(_ fault: Fault, _ worker: Int) async throws {
    switch fault {
    case .delay: cables[worker].become(.poor(late: 100...300, lost: 0))
    case .loss: cables[worker].become(.poor(late: 0...0, lost: 0.05))
    case .cut: cables[worker].become(.broken)
    case .oneWay, .island: for other in unreached(fault, worker) { try await route("add", worker, to: other) }
    case .kill, .pause, .slow, .hang, .coordinator, .flood, .log: break
    }
  }

  /// Those to which nothing leads from a worker's host while a fault lasts.
  private func unreached(_ fault: Fault, _ worker: Int) -> [Int] {
    switch fault {
    case .oneWay: workers > 1 ? [(worker + 1) % workers] : []
    case .island: (0..<workers).filter { $0 != worker }
    default: []
    }
  }

  private func route(_ verb: String, _ worker: Int, to other: Int) async throws {
    try await Self.run("ip", "-n", host(worker), "route", verb, "blackhole", "\(Self.address(other))/32")
  }

  func make(_ worker: Int, _ link: NetworkLink) {
    cables[worker].become(.poor(late: link.milliseconds...link.milliseconds, lost: link.lost))
  }

  func end(_ fault: Fault, _ worker: Int) async throws {
    cables[worker].become(.good)
    for other in unreached(fault, worker) { try await route("delete", worker, to: other) }
  }
}
