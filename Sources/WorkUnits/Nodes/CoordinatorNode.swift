import ActorCluster
import Distributed
import Status

/// What those who look can ask of a coordinator.
@Resolvable
public protocol CoordinatorNode: DistributedActor where ActorSystem: DistributedActorSystem<any Codable> {
  distributed func status() async throws -> ClusterStatus
}

/// What those who may change a run can ask of its coordinator.
@Resolvable
public protocol CoordinatorAdmin: DistributedActor where ActorSystem: DistributedActorSystem<any Codable> {
  /// Ends the run with a checkpoint, after the present round or, if that takes long, of the one before. It can be resumed.
  distributed func stop() async throws
  /// Has a worker leave after the present round. It throws ``UnknownWorkerError``.
  distributed func drain(_ worker: String) async throws
}

public typealias CoordinatorReference = $CoordinatorNode<ClusterSystem>
public typealias AdminReference = $CoordinatorAdmin<ClusterSystem>
