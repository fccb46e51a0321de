import ActorCluster
import Amplification
import ClusterFile
import Commands
import Distillation
import Distributed
import Randomness
import Status
import Synchronization
import Tasks
import Worker
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
  private var samples: [Shape: Grow.Result] = [:]

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
    task = try file.makeTask()
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

  public distributed func perform(_ work: Work) async throws -> Finding {
    guard let grow = work.unit as? Grow else { throw notSimulated }
    try await compute()
    let key = Shape(contexts: grow.contexts.count, elements: grow.elements)
    if let known = samples[key] { return Finding(known, of: Grow.self) }
    let grown = try sample(key)
    samples[key] = grown
    return Finding(grown, of: Grow.self)
  }

  /// The same contexts for all shards, and true answers instead of amplified ones: as many bytes.
  private func sample(_ shape: Shape) throws -> Grow.Result {
    guard let task else { throw ModelVersionError(wanted: 0, have: -1) }
    let batch = task.sample(
      .contexts, seed: configuration.run.seed, round: 0, 0..<shape.contexts, elements: shape.elements,
      questions: configuration.amplification.questions)
    let truths = batch.asked.map { task.truth(of: $0.question, in: batch.contexts[$0.context]) }
    return Grow.Result(
      examples: Examples(batch.asked, truths, in: batch.contexts), doubts: batch.asked.map { _ in .none }, agreed: 0,
      questions: batch.asked.count, subQuestions: 0, memoHits: 0)
  }

  private var notSimulated: RemoteCallError {
    RemoteCallError(.failed, "only amplification by the scripted overseer and distillation are simulated")
  }

  // MARK: Training

  /// Each step takes the time of its microbatches; the exchange of gradients is not simulated.
  public distributed func train(_ assignment: TrainingAssignment) async throws -> TrainingReport {
    var losses: [Int: [Float]] = [:]
    for step in assignment.steps {
      for microbatch in step.microbatches.keys {
        try await compute()
        losses[microbatch, default: []].append(1)
      }
    }
    round = assignment.round
    return TrainingReport(
      losses: [.answerer: losses],
      weightsHash: ModelSnapshot.nothing(after: assignment.round).weightsHash ?? "",
      secondsPerMicrobatch: losses.isEmpty ? [:] : [.answerer: shard / .seconds(1)])
  }

  public distributed func contribute(_ part: GradientPart) async throws -> Bulk { part.sums }
  public distributed func rehearse(_ step: TrainingStep) async throws -> Double { shard / .seconds(1) }

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
      models: ModelName.all.map {
        ModelState(
          name: $0, step: 0,
          weights: .vectors(
            ModelVectors(parameters: [], values: nothing, first: nothing, second: nothing, average: nothing)))
      })
  }
}
