import Foundation

/// How many descriptors a process may have open: files, connections, and what libraries need for themselves.
public struct DescriptorLimit: Hashable, Sendable {
  public let count: Int

  public init(_ count: Int) {
    self.count = count
  }

  /// What a process of Grove needs for its own files, threads and sockets, apart from its connections to others.
  public static let own = 64
  /// What one worker takes in the coordinator that starts it: its connection, its log and the pipes that it hangs on;
  public static let child = 4
  /// and what one takes in another worker, which it connects to.
  public static let peer = 6
  /// More than that nothing here needs, and some programs walk through all that they may have.
  private static let most = 65_536

  /// That of this process.
  public static var present: DescriptorLimit { DescriptorLimit(limits.soft) }

  private static var limits: (soft: Int, hard: Int) {
    var limits = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    return (Int(clamping: limits.rlim_cur), Int(clamping: limits.rlim_max))
  }

  /// Makes use of all that this process is allowed, and the processes that it starts.
  public static func raise() {
    let (soft, hard) = limits
    guard soft < min(hard, most) else { return }
    var raised = rlimit(rlim_cur: rlim_t(min(hard, most)), rlim_max: rlim_t(hard))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised)
  }

  /// Closes what was open before the limit was lowered below it: with that, no other process can be started.
  public static func closeBeyond() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    for descriptor in names.compactMap({ Int32($0) }) where descriptor >= present.count { close(descriptor) }
  }

  /// Other nodes that may be members of a node's cluster.
  public var members: Int { max(4, (count - Self.own) / 2) }
  /// Connections of strangers that may stand at a node's door.
  public var strangers: Int { share(8) }
  /// Connections to the dashboard.
  public var visitors: Int { share(4) }

  /// More than that is of no use, and costs: Foundation walks through all that is open when it starts a process.
  private static let mostAtADoor = 512

  private func share(_ part: Int) -> Int { min(max(4, (count - Self.own) / part), Self.mostAtADoor) }
}
