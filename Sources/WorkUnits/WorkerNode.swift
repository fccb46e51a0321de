import ActorCluster
import Amplification
import Distributed
import Status

/// What a coordinator, and other workers, can ask of a worker.
///
/// Every unit of work names the round whose models it is for: the worker refuses it with ``ModelVersionError`` if its own
/// are of another round. A unit done twice gives the same result, bit for bit, so that a unit whose worker is lost can be
/// given to another.
@Resolvable
public protocol WorkerNode: DistributedActor where ActorSystem: DistributedActorSystem<any Codable> {
  /// Builds the models of a run, as they are before the first round.
  distributed func prepare(_ run: RunPlan) async throws
  /// Takes over the models of another replica or of a checkpoint.
  distributed func load(_ models: ModelSnapshot) async throws
  /// The models as they were after a round: the newest, or the one before it.
  distributed func snapshot(after round: Int) async throws -> ModelSnapshot
  /// SHA-256 of the models after a round, hexadecimal.
  distributed func weightsHash(after round: Int) async throws -> String

  /// Asks H to decompose questions, with the teacher answering H's sub-questions.
  distributed func decompose(_ shard: DecompositionShard) async throws -> Decompositions
  /// Amplifies the questions of a shard.
  distributed func grow(_ shard: TreeShard) async throws -> GrownShard
  /// Answers held-out questions, directly and amplified.
  distributed func evaluate(_ shard: EvaluationShard) async throws -> Evaluation

  /// Trains H′ and X for one round, together with the other members of the team.
  distributed func train(_ assignment: TrainingAssignment) async throws -> TrainingReport
  /// Takes another member's part of a gradient, and returns the sum of all members' parts once they are there.
  distributed func contribute(_ part: GradientPart) async throws -> Bulk

  distributed func status() async throws -> WorkerStatus
  /// Finishes what it is doing and ends.
  distributed func leave() async throws
}

/// What people's commands can ask of a coordinator.
@Resolvable
public protocol CoordinatorNode: DistributedActor where ActorSystem: DistributedActorSystem<any Codable> {
  distributed func status() async throws -> ClusterStatus
  /// Ends the run after the present round, with a checkpoint. It can be resumed.
  distributed func stop() async throws
}

/// Names and types that all nodes of a cluster agree on.
public enum Agreement {
  public static let worker = "worker"
  public static let coordinator = "coordinator"
  public static let client = "client"

  /// Types that calls may name, and errors that cross as themselves.
  public static let types: [any Any.Type] = [
    $WorkerNode<ClusterSystem>.self, $CoordinatorNode<ClusterSystem>.self, ModelVersionError.self,
    SupersededError.self,
  ]
}

public typealias WorkerReference = $WorkerNode<ClusterSystem>
public typealias CoordinatorReference = $CoordinatorNode<ClusterSystem>

/// A unit of work was for the models of another round than the worker's.
public struct ModelVersionError: Error, Hashable, Codable, CustomStringConvertible {
  public var wanted: Int
  public var have: Int

  public init(wanted: Int, have: Int) {
    self.wanted = wanted
    self.have = have
  }

  public var description: String { "models after round \(wanted) are needed, those here are after round \(have)" }
}

/// A training attempt was given up for a newer one.
public struct SupersededError: Error, Hashable, Codable, CustomStringConvertible {
  public init() {}
  public var description: String { "the training attempt was given up for a newer one" }
}
