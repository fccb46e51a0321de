import ActorCluster
import Amplification
import ClusterFile
import Distillation
import Distributed
import Logging
import Processes
import Status
import Tasks
import WorkUnits

/// A worker process: a replica of the models that answers, amplifies, and trains together with the other workers.
public distributed actor Worker: WorkerNode {
  public typealias ActorSystem = ClusterSystem

  /// Time that a rehearsal takes.
  private static let rehearsal = Duration.milliseconds(300)

  /// No models are so large, or networks so slow, that taking them over takes longer.
  private static let transfer = Duration.seconds(600)

  private let compute: Compute
  private let exchange = GradientExchange()
  private let log: Logger
  private let leaving: AsyncStream<WorkerService.Ending>.Continuation
  private var meter = Meter()
  /// Why the run's models can't be built here.
  private var unfit: String?
  private var round = 0
  /// What is being done: training and answering take turns at the one thread.
  private var work: [String] = []

  /// - Parameters:
  ///   - leaving: is told when the coordinator asks the worker to leave.
  ///   - draft: draws what the models of a run are.
  ///   - catalog: the kinds of task that a run can be of.
  package init(
    actorSystem: ClusterSystem, leaving: AsyncStream<WorkerService.Ending>.Continuation, log: Logger,
    _ draft: @escaping Blueprint.Draft = Blueprint.init, catalog: TaskCatalog = .grove
  ) {
    self.actorSystem = actorSystem
    compute = Compute(draft, catalog)
    self.leaving = leaving
    self.log = log
  }

  deinit { compute.stop() }

  /// Waits until nothing is computed any more: at the end of the process libtorch takes its own things away, and who still
  /// used them would crash.
  func end() async { await compute.end() }

  /// Says what is done while it is.
  private func doing<Result: Sendable>(
    _ what: String, _ body: @Sendable (Replica) async throws -> Result
  ) async throws -> Result {
    work.append(what)
    defer { finished(what) }
    return try await compute.run(body)
  }

  private func finished(_ what: String) {
    if let place = work.firstIndex(of: what) { work.remove(at: place) }
  }

  // MARK: Joining

  public distributed func reach(_ others: TeamList, milliseconds: Int) async throws -> [LinkFault] {
    guard let others = others.members, (0...3_600_000).contains(milliseconds) else {
      throw RemoteCallError(.malformed, "the list of those to be reached is damaged")
    }
    return await actorSystem.faults(in: others, within: .milliseconds(milliseconds))
  }

  public distributed func advise(_ sentence: String) { log.warning("\(sentence)") }

  // MARK: Models

  public distributed func prepare(_ run: RunPlan) async throws {
    var configuration = ClusterFile()
    do {
      try configuration.take(yaml: run.configuration, named: "the coordinator's configuration")
      configuration.model.device = try DeviceChoice.device(
        of: configuration.model.device, own: actorSystem.capabilities.device)
      try await compute.prepare(configuration, begins: run.begins, worker: actorSystem.node.name)
    } catch {
      // Trying it again would come to the same.
      log.error("the models of the run can't be built here: \(error)")
      unfit = "\(error)"
      throw UnfitError(cause: "\(error)")
    }
    unfit = nil
    let leaves = configuration.distillation.microbatches
    let largest = try await compute.run { $0.trained.values.map(\.network.layout.count).max() ?? 0 }
    await exchange.expect(atMost: leaves * largest)
    if let remark = try await compute.run({ $0.remark }) { log.info("\(remark)") }
    round = 0
  }

  public distributed func load(_ models: ModelSnapshot) async throws {
    try await compute.run { try $0.load(models) }
    round = models.round
    log.info("took over the models after round \(models.round)")
  }

  public distributed func copy(after round: Int, from peer: TeamMember) async throws -> String {
    try await actorSystem.reach(peer.node, at: peer.endpoint, within: actorSystem.failureTimeout)
    let source = try WorkerReference.to(peer, of: actorSystem)
    let models = try await RemoteCall.with(timeout: Self.transfer) { try await source.snapshot(after: round) }
    guard models.round == round else { throw ModelVersionError(wanted: round, have: models.round) }
    // Beside the thread that takes the numbers over.
    async let hash = models.weightsHash
    try await load(models)
    return await hash ?? ""
  }

  public distributed func snapshot(after round: Int) async throws -> ModelSnapshot {
    try await compute.run { try $0.snapshot(after: round) }
  }

  public distributed func weightsHash(after round: Int) async throws -> String {
    try await compute.run { try $0.weightsHash(after: round) }
  }

  // MARK: Questions

  public distributed func perform(_ work: Work) async throws -> Finding {
    guard let unit = work.unit as? any AnsweredUnit else {
      throw RemoteCallError(.refused, "no worker does what is called \(type(of: work.unit).name)")
    }
    return try await done(unit)
  }

  private func done<Unit: AnsweredUnit>(_ unit: Unit) async throws -> Finding {
    let result = try await doing(Unit.activity) { try await unit.result(by: $0) }
    let count = Unit.count(result)
    meter.count(questions: count.questions, shards: count.shards)
    return Finding(result, of: Unit.self)
  }

  // MARK: Training

  public distributed func train(_ assignment: TrainingAssignment) async throws -> TrainingReport {
    work.append("training")
    defer { finished("training") }
    let team = try await Team(assignment, exchange: exchange, system: actorSystem)
    let leaves = try await compute.run { replica in
      try replica.begin(assignment.round, attempt: assignment.attempt)
      return replica.configuration.distillation.microbatches
    }
    await exchange.begin(attempt: assignment.attempt, members: team.count, leaves: leaves)
    var losses: [ModelName: [Int: [Float]]] = [:]
    var pace: [ModelName: Pace] = [:]
    let count = assignment.steps.reduce(into: [:]) { $0[$1.model, default: 0] += 1 }
    var index: [ModelName: Int] = [:]
    for step in assignment.steps {
      let place = index[step.model, default: 0]
      index[step.model] = place + 1
      let key = GradientKey(round: team.round, attempt: team.attempt, model: step.model, step: place)
      let (own, took) = try await learn(step, team, key)
      // The first step of a process takes longer, and is no measure of the others.
      if place > 0 || count[step.model] == 1 { pace[step.model, default: Pace()].add(took, microbatches: own.count) }
      for (microbatch, loss) in own { losses[step.model, default: [:]][microbatch, default: []].append(loss) }
    }
    let hash = try await compute.run { replica in
      try replica.take(assignment.made, of: assignment.round, attempt: assignment.attempt)
      return try replica.weightsHash(after: assignment.round)
    }
    round = assignment.round
    return TrainingReport(
      losses: losses, weightsHash: hash, secondsPerMicrobatch: pace.compactMapValues(\.seconds))
  }

  /// Seconds that microbatches took.
  private struct Pace {
    private var sum = 0.0
    private var microbatches = 0
    /// For one, in the mean; nil: there was none.
    var seconds: Double? { microbatches > 0 ? sum / Double(microbatches) : nil }

    mutating func add(_ seconds: Double, microbatches: Int) {
      (sum, self.microbatches) = (sum + seconds, self.microbatches + microbatches)
    }
  }

  /// One step of a model: gradients of the own microbatches, their sum over the team, the optimiser's step.
  ///
  /// - Returns: the losses of the own microbatches, and the seconds that they took.
  private func learn(
    _ step: TrainingStep, _ team: Team, _ key: GradientKey
  ) async throws -> (losses: [Int: Float], seconds: Double) {
    let (losses, own, count, took) = try await compute.run { replica in
      let started = ContinuousClock.now
      let (losses, sums) = try replica.gradient(step)
      let count = try replica.model(step.model).network.layout.count
      return (losses, sums, count, started.duration(to: .now) / .seconds(1))
    }
    let total = try await team.sum(own, count: count, key)
    try await compute.run { try $0.apply(total, for: key) }
    meter.count(gradients: losses.count)
    return (losses, took)
  }

  public distributed func rehearse(_ step: TrainingStep) async throws -> Double {
    let started = ContinuousClock.now
    var microbatches = 0
    // One that is held up now and then may get through a single one unharmed.
    while started.duration(to: .now) < Self.rehearsal {
      microbatches += max(1, try await compute.run { try $0.gradient(step).losses.count })
    }
    return started.duration(to: .now) / .seconds(1) / Double(microbatches)
  }

  public distributed func contribute(_ part: GradientPart) async throws -> Bulk {
    guard let parts = part.parts else {
      throw RemoteCallError(.malformed, "a part of a gradient does not fit its list of microbatches")
    }
    return try await exchange.contribute(parts, rank: part.rank, to: part.key)
  }

  // MARK: Life

  public distributed func status() async throws -> WorkerStatus {
    var status = WorkerStatus(
      id: actorSystem.node.name, host: Meter.host, pid: Meter.processID, state: Member.Status.up.rawValue)
    status.modelVersion = round
    status.residentBytes = ResidentMemory.bytes
    (status.questionsPerSecond, status.gradientsPerSecond) = meter.rates(at: .now)
    status.shardsDone = meter.shards
    (status.isComputing, status.processorSeconds) = (compute.isBusy, compute.processorSeconds)
    status.work = work.isEmpty ? WorkerStatus.idle : Set(work).sorted().joined(separator: ", ")
    return status
  }

  public distributed func leave(toBeStartedAgain: Bool) {
    leaving.yield(unfit.map { .unfit($0) } ?? (toBeStartedAgain ? .startAgain : .end))
  }
}
