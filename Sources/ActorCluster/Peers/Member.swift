/// A process that this one is, or was, connected to.
public struct Member: Hashable, Sendable {
  /// What a member is as long as it is one; after `suspect` it may come back `up`.
  public enum Status: String, Hashable, Sendable, Codable {
    case up
    /// Silent for half the failure time-out.
    case suspect
  }

  public let node: NodeID
  /// Where it can be connected to; empty if nowhere.
  public let endpoint: String
  /// What it is in the cluster, such as `worker`.
  public let role: String
  public let host: String
  public let processID: Int32
  public let capabilities: Capabilities
  public internal(set) var status: Status
  /// When it was last heard of.
  public internal(set) var heard: ContinuousClock.Instant
}

/// What a node has to compute with.
public struct Capabilities: Hashable, Sendable {
  /// Processors that it may use; 0: unknown.
  public var cores = 0
  /// Memory that it may use; 0: unknown.
  public var memoryBytes = 0
  /// What it computes on, such as `cpu`.
  public var device = ""

  public init() {}
}

/// A change among the members.
public enum MemberEvent: Hashable, Sendable {
  case up(Member)
  case suspect(Member)
  /// Silent for the failure time-out, or its connection broke; calls to it have failed.
  case down(Member, reason: String)
  /// It said goodbye.
  case left(Member)
}
