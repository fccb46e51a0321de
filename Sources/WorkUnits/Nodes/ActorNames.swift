import ActorCluster

/// Names and types that all nodes of a cluster agree on.
public enum ActorNames {
  public static let worker = "worker"
  public static let coordinator = "coordinator"
  public static let client = "client"
  /// The coordinator as those see it who may change a run.
  public static let admin = "admin"

  /// Calls that one node may make to another in a second: many times what a member of a team needs.
  static let mostCallsPerSecond = 20_000

  /// Types that calls may name, and errors that cross as themselves.
  public static let types: [any Any.Type] = [
    $WorkerNode<ClusterSystem>.self, $CoordinatorNode<ClusterSystem>.self, $CoordinatorAdmin<ClusterSystem>.self,
    ModelVersionError.self, SupersededError.self, UnknownWorkerError.self, UnreachableError.self, UnfitError.self,
  ]
}
