import Foundation

/// Network namespaces that stand for hosts: each worker has one, with a cable to the namespace of this process, where the
/// coordinator is.
struct Hosts: Sendable {
  /// Address of the coordinator's host.
  static let coordinator = "10.77.0.1"

  private let workers: Int

  /// The faults of the network that this machine lets this process cause.
  static func possible() async -> [Fault] {
    guard geteuid() == 0, await works("ip link add switch type bridge && ip link add one type veth peer name other")
    else { return [] }
    return await works("tc qdisc add dev lo root netem delay 1ms") ? [.delay, .loss, .cut] : [.cut]
  }

  private static func works(_ command: String) async -> Bool {
    (try? await Subprocess.run("unshare", "--net", "sh", "-c", command)) != nil
  }

  /// Makes them. This process has to be in a network namespace of its own, which ends with it, with
  /// its loopback up.
  init(workers: Int) async throws {
    self.workers = workers
    let ip = "ip"
    try await Subprocess.run(ip, "link", "add", "switch", "type", "bridge")
    try await Subprocess.run(ip, "address", "add", "\(Self.coordinator)/24", "dev", "switch")
    try await Subprocess.run(ip, "link", "set", "switch", "up")
    for worker in 0..<workers {
      let (host, cable) = (host(worker), cable(worker))
      try await Subprocess.run(ip, "netns", "add", host)
      try await Subprocess.run(ip, "link", "add", cable, "type", "veth", "peer", "name", "cable", "netns", host)
      try await Subprocess.run(ip, "link", "set", cable, "master", "switch", "up")
      try await Subprocess.run(ip, "-n", host, "address", "add", "\(address(worker))/24", "dev", "cable")
      try await Subprocess.run(ip, "-n", host, "link", "set", "cable", "up")
      try await Subprocess.run(ip, "-n", host, "link", "set", "lo", "up")
    }
  }

  func remove() async {
    for worker in 0..<workers { _ = try? await Subprocess.run("ip", "netns", "delete", host(worker)) }
  }

  private func host(_ worker: Int) -> String { "grove-chaos-\(ProcessInfo.processInfo.processIdentifier)-\(worker)" }
  private func cable(_ worker: Int) -> String { "worker\(worker)" }
  func address(_ worker: Int) -> String { "10.77.0.\(10 + worker)" }

  /// What to put before a command, so that it runs on a worker's host.
  func on(_ worker: Int) -> [String] { ["ip", "netns", "exec", host(worker)] }

  func begin(_ fault: Fault, _ worker: Int) async throws {
    switch fault {
    case .delay: try await disturb(worker, "delay", "200ms", "100ms")
    case .loss: try await disturb(worker, "loss", "5%")
    case .cut: try await Subprocess.run("ip", "link", "set", cable(worker), "down")
    case .kill, .pause, .slow, .coordinator: break
    }
  }

  func end(_ fault: Fault, _ worker: Int) async throws {
    switch fault {
    case .delay, .loss: try await Subprocess.run("tc", "qdisc", "delete", "dev", cable(worker), "root")
    case .cut: try await Subprocess.run("ip", "link", "set", cable(worker), "up")
    case .kill, .pause, .slow, .coordinator: break
    }
  }

  private func disturb(_ worker: Int, _ how: String...) async throws {
    let command = ["tc", "qdisc", "replace", "dev", cable(worker), "root", "netem"] + how
    _ = try await Subprocess("tc", command, log: "/dev/null").end()
  }
}
