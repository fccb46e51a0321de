/// What the owner of a key, or of a token, may be and do in a cluster.
public enum AccessRole: String, Hashable, Sendable, Codable, CaseIterable {
  /// Runs the rounds; may be and do everything.
  case coordinator
  /// Works, and talks to other workers.
  case worker
  /// Looks at everything.
  case viewer
  /// Decides and reviews, too.
  case overseer
  /// Stops runs and sends workers away, too.
  case admin

  /// Those that people have.
  public static let ofPeople: [AccessRole] = [.viewer, .overseer, .admin]

  /// The roles whose rights it has, its own among them.
  public var rights: Set<AccessRole> {
    switch self {
    case .coordinator: Set(AccessRole.allCases)
    case .worker: [.worker]
    case .viewer: [.viewer]
    case .overseer: [.viewer, .overseer]
    case .admin: [.viewer, .overseer, .admin]
    }
  }
}
