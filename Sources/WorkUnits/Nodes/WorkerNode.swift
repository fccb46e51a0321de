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
  /// Tries to reach other workers, each for so long. - Returns: those between which and this one there is no connection.
  distributed func reach(_ others: TeamList, milliseconds: Int) async throws -> [LinkFault]
  /// Tells whoever looks after this worker what is wrong with it, and what to do.
  distributed func advise(_ sentence: String) async throws

  /// Builds the models of a run, as they are before the first round. It throws ``UnfitError`` if that can't be done here.
  distributed func prepare(_ run: RunPlan) async throws
  /// Takes over the models of a checkpoint.
  distributed func load(_ models: ModelSnapshot) async throws
  /// Takes over the models after a round from another worker, so that the coordinator need not carry them.
  ///
  /// - Returns: SHA-256 of those models, hexadecimal.
  distributed func copy(after round: Int, from peer: TeamMember) async throws -> String
  /// The models as they were after a round, the newest or the one before it, for another worker.
  distributed func snapshot(after round: Int) async throws -> ModelSnapshot
  /// SHA-256 of the models after a round, hexadecimal.
  distributed func weightsHash(after round: Int) async throws -> String

  /// Does a unit of work. - Returns: its result; see ``WorkUnit``.
  distributed func perform(_ work: Work) async throws -> Finding

  /// Trains the models for one round, together with the other members of the team.
  distributed func train(_ assignment: TrainingAssignment) async throws -> TrainingReport
  /// Takes another member's part of a gradient, and returns the sum of all members' parts once they are there.
  distributed func contribute(_ part: GradientPart) async throws -> Bulk

  distributed func status() async throws -> WorkerStatus
  /// Does a step's microbatches again and again for a moment, without learning from it. - Returns: the seconds for one.
  distributed func rehearse(_ step: TrainingStep) async throws -> Double
  /// Ends. - Parameter toBeStartedAgain: by whoever started it, which the process's exit code asks for.
  distributed func leave(toBeStartedAgain: Bool) async throws
}

public typealias WorkerReference = $WorkerNode<ClusterSystem>
