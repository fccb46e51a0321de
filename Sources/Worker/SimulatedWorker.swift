import ActorCluster
import Amplification
import ClusterFile
import Distillation
import Distributed
import Randomness
import Status
import Synchronization
import Tasks
import WorkUnits

/// A worker that computes nothing: each unit of work, and each gradient, takes it a fixed time. What there is beside that
/// time is the cluster's, to be measured with more workers than a machine has processors.
public distributed actor SimulatedWorker: WorkerNode {
  public typealias ActorSystem = ClusterSystem

  private let shard: Duration
  private let toll: @Sendable (Duration) -> Void
  private var task: (any TaskDefinition)?
  private var configuration = ClusterFile()
  /// Until when the one thread that computes is taken.
  private var taken = ContinuousClock.now
  private var round = 0
  private var samples: [Shape: GrownShard] = [:]

  private struct Shape: Hashable {
    let contexts: Int
    let elements: Int
  }

  /// - Parameters:
  ///   - shard: what a unit of work or a gradient takes.
  ///   - toll: is told what was computed.
  public init(actorSystem: ClusterSystem, shard: Duration, toll: @escaping @Sendable (Duration) -> Void) {
    self.actorSystem = actorSystem
    self.shard = shard
    self.toll = toll
  }

  /// Waits its turn, and as long as the computation would take.
  private func compute() async throws {
    let start = max(taken, .now)
    taken = start + shard
    try await Task.sleep(until: taken)
    toll(shard)
  }

  // MARK: Joining

  public distributed func reach(_ others: TeamList, milliseconds: Int) async throws -> [LinkFault] { [] }
  public distributed func advise(_ sentence: String) {}

  // MARK: Models

  public distributed func prepare(_ run: RunPlan) async throws {
    var file = ClusterFile()
    try file.take(yaml: run.configuration, named: "the coordinator's configuration")
    configuration = file
    task = try TaskCatalog.task(file.task.name, size: file.task.size, bits: file.task.bits)
    round = 0
  }

  public distributed func load(_ models: ModelSnapshot) async throws { round = models.round }
  public distributed func copy(after round: Int, from peer: TeamMember) async throws -> String {
    self.round = round
    return ModelSnapshot.nothing(after: round).weightsHash ?? ""
  }

  public distributed func snapshot(after round: Int) async throws -> ModelSnapshot {
    .nothing(after: round)
  }

  public distributed func weightsHash(after round: Int) async throws -> String {
    ModelSnapshot.nothing(after: round).weightsHash ?? ""
  }

  // MARK: Questions

  public distributed func grow(_ shard: TreeShard) async throws -> GrownShard {
    try await compute()
    let key = Shape(contexts: shard.contexts.count, elements: shard.elements)
    if let known = samples[key] { return known }
    let grown = try sample(key)
    samples[key] = grown
    return grown
  }

  /// The same contexts for all shards, and true answers instead of amplified ones: as many bytes.
  private func sample(_ shape: Shape) throws -> GrownShard {
    guard let task else { throw ModelVersionError(wanted: 0, have: -1) }
    let perContext = configuration.amplification.questions
    let batch = task.sample(
      .contexts, seed: configuration.run.seed, round: 0, 0..<shape.contexts, elements: shape.elements,
      questions: perContext)
    var lessons = LessonTable(
      factCounts: batch.contexts.map { Int32($0.facts.count) },
      questionCounts: [Int32](repeating: Int32(perContext), count: batch.contexts.count))
    lessons.facts = batch.contexts.flatMap { $0.facts.flatMap(\.self) }
    lessons.questions = batch.asked.flatMap(\.question.tokens)
    lessons.answers = batch.asked.flatMap { task.truth(of: $0.question, in: batch.contexts[$0.context]).tokens }
    return GrownShard(lessons: lessons, agreed: 0, questions: batch.asked.count, subQuestions: 0, memoHits: 0)
  }

  public distributed func decompose(_ shard: DecompositionShard) async throws -> Decompositions { throw notSimulated }
  public distributed func attempt(_ shard: DecompositionShard) async throws -> [Attempt] { throw notSimulated }
  public distributed func measure(_ shard: MeasurementShard) async throws -> Double { throw notSimulated }
  public distributed func answer(_ question: DirectQuestion) async throws -> DirectAnswer { throw notSimulated }
  public distributed func evaluate(_ shard: EvaluationShard) async throws -> Evaluation { throw notSimulated }

  private var notSimulated: RemoteCallError {
    RemoteCallError(.failed, "only amplification by the scripted overseer and distillation are simulated")
  }

  // MARK: Training

  /// Each step takes the time of its microbatches; the exchange of gradients is not simulated.
  public distributed func train(_ assignment: TrainingAssignment) async throws -> TrainingReport {
    var losses: [Int: [Float]] = [:]
    for step in assignment.distillation {
      for microbatch in step.microbatches.keys {
        try await compute()
        losses[microbatch, default: []].append(1)
      }
    }
    round = assignment.round
    return TrainingReport(
      distillationLosses: losses, imitationLosses: [:],
      weightsHash: ModelSnapshot.nothing(after: assignment.round).weightsHash ?? "",
      secondsPerMicrobatch: losses.isEmpty ? nil : shard / .seconds(1))
  }

  public distributed func contribute(_ part: GradientPart) async throws -> Bulk { part.sums }
  public distributed func rehearse(_ step: DistillationStep) async throws -> Double { shard / .seconds(1) }

  // MARK: Life

  public distributed func status() async throws -> WorkerStatus {
    var status = WorkerStatus(id: actorSystem.node.name, host: Meter.host, pid: Meter.processID, state: "up")
    status.modelVersion = round
    return status
  }

  public distributed func leave(toBeStartedAgain: Bool) async throws {}
}

extension ModelSnapshot {
  /// Models without a parameter.
  fileprivate static func nothing(after round: Int) -> ModelSnapshot {
    let nothing = Bulk([Float]())
    return ModelSnapshot(
      round: round,
      models: [GradientKey.Model.answerer, .overseer].map {
        .init(name: $0, step: 0, parameters: [], values: nothing, first: nothing, second: nothing, average: nothing)
      })
  }
}
