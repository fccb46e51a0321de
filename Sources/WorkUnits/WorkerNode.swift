import ActorCluster
import Addresses
import Amplification
import ClusterFile
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
  /// The models as they were after a round: the newest, or the one before it.
  distributed func snapshot(after round: Int) async throws -> ModelSnapshot
  /// SHA-256 of the models after a round, hexadecimal.
  distributed func weightsHash(after round: Int) async throws -> String

  /// Asks H to decompose questions, with the teacher answering H's sub-questions.
  distributed func decompose(_ shard: DecompositionShard) async throws -> Decompositions
  /// Has H′ try the questions that H could be asked, as H would be.
  distributed func attempt(_ shard: DecompositionShard) async throws -> [Attempt]
  /// Mean −log p of people's decompositions by H′, before it learns from them.
  distributed func measure(_ shard: MeasurementShard) async throws -> Double
  /// Asks the teacher a single question.
  distributed func answer(_ question: DirectQuestion) async throws -> DirectAnswer
  /// Amplifies the questions of a shard.
  distributed func grow(_ shard: TreeShard) async throws -> GrownShard
  /// Answers held-out questions, directly and amplified.
  distributed func evaluate(_ shard: EvaluationShard) async throws -> Evaluation

  /// Trains H′ and X for one round, together with the other members of the team.
  distributed func train(_ assignment: TrainingAssignment) async throws -> TrainingReport
  /// Takes another member's part of a gradient, and returns the sum of all members' parts once they are there.
  distributed func contribute(_ part: GradientPart) async throws -> Bulk

  distributed func status() async throws -> WorkerStatus
  /// Does a step's microbatches again and again for a moment, without learning from it. - Returns: the seconds for one.
  distributed func rehearse(_ step: DistillationStep) async throws -> Double
  /// Ends. - Parameter toBeStartedAgain: by whoever started it, which the process's exit code asks for.
  distributed func leave(toBeStartedAgain: Bool) async throws
}

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

/// Names and types that all nodes of a cluster agree on.
public enum Agreement {
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

extension ClusterSystem.Configuration {
  /// A node of the cluster that the file describes.
  ///
  /// - Throws: ``NameError``; ``KeyError`` if its keys can't be read, or others could reach it without any.
  public init(
    _ file: ClusterFile, name: String, role: String, bind: String?, advertised: String? = nil, _ fingerprint: String
  ) throws {
    try ClusterFile.checkName(name, of: "a \(role)")
    self.init(name: name, role: role, bind: bind)
    self.advertised = advertised
    let machine = Machine.this
    capabilities.cores = machine.cores
    capabilities.memoryBytes = machine.memoryBytes
    capabilities.device = file.model.device
    mostCallsPerSecond = Agreement.mostCallsPerSecond
    keyring = try Keyring(file)
    if let bind, keyring == nil, Address(bind)?.isOfThisMachine != true, file.security.withoutKeys == .refused {
      throw KeyError(
        "whoever reaches \(bind) could join, without keys: make some with grove keys and set security.key_file, or set "
          + "security.without_keys to “\(ClusterFile.Security.WithoutKeys.open.rawValue)”")
    }
    self.fingerprint = fingerprint
    heartbeat = .milliseconds(file.cluster.heartbeatMilliseconds)
    failureTimeout = .milliseconds(file.cluster.failureTimeoutMilliseconds)
    types = Agreement.types
  }
}

public typealias WorkerReference = $WorkerNode<ClusterSystem>
public typealias CoordinatorReference = $CoordinatorNode<ClusterSystem>
public typealias AdminReference = $CoordinatorAdmin<ClusterSystem>

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

/// There is no worker of a name.
public struct UnknownWorkerError: Error, Hashable, Codable, CustomStringConvertible {
  public var name: String
  /// Those that there are.
  public var workers: [String]

  public init(name: String, workers: [String]) {
    self.name = name
    self.workers = workers
  }

  public var description: String {
    "there is no worker “\(name.prefix(80))”"
      + (workers.isEmpty ? "; there is none at all" : "; there is \(workers.joined(separator: ", "))")
  }
}

/// A training attempt was given up for a newer one.
public struct SupersededError: Error, Hashable, Codable, CustomStringConvertible {
  public init() {}
  public var description: String { "the training attempt was given up for a newer one" }
}
