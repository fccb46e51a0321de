import Amplification
import ClusterFile
import Distillation
import Foundation
import Logging
import Oversight
import RunStore
import Status
import Tasks
import WorkUnits

/// Iterated amplification: the loop of the paper, one turn a round.
///
/// In a round everything is done by the models as they were after the round before: collecting, amplifying and training
/// depend on nothing else, so that they overlap, and a round that was cut off is done again with the same result.
struct RoundLoop {
  let configuration: ClusterFile
  let task: any TaskDefinition
  let store: RunStore
  let roster: Roster
  let dispatch: Dispatch
  let distiller: Distiller
  let desk: Desk
  let collector: Collector
  let gate: ReviewGate
  let board: Board
  let log: Logger

  /// Accuracy at which a run has to stay for two evaluations to end early is `run.stop_at`.
  private static let evaluationsToStop = 2
  /// Contexts of the evaluations on the way, and of the last one.
  private static let evaluationContexts = 50
  private static let finalContexts = 200
  /// A run that is asked to end has so long for what it is at, and then so long for a checkpoint of what it has.
  private static let grace = Duration.seconds(4)
  private static let graceToKeep = Duration.seconds(4)
  /// Of each unit of an evaluation, the questions whose trees are kept to be looked at.
  private static let treesPerUnit = 4

  /// Runs the rounds that are left. - Returns: nil if it was asked to stop before the end.
  func run() async throws -> RunResult? {
    try await desk.recall()
    var (state, models) = try await restored()
    var isLaidOut = false
    while true {
      do {
        if await board.isStopping { throw StoppedError() }
        if isDone(state) { return try await unlessStopped { [state, models] in try await finish(state, models) } }
        if !isLaidOut { try await unlessStopped { [state, models] in try await layOut(state, models) } }
        isLaidOut = true
        (state, models) = try await unlessStopped { [state, models] in try await turn(state, models) }
      } catch is StoppedError {
        try await keep(state)
        return nil
      } catch is DivergedError {
        continue
      } catch is NoReplicaError {
        (state, models) = try await restored()
        log.warning("no worker has the models any more; going on from the checkpoint after round \(state.round)")
        isLaidOut = false
      }
    }
  }

  /// Does what may take a while, or wait for somebody. When the run is asked to end meanwhile, it is given up after a moment,
  /// as if it had not begun.
  ///
  /// - Throws: ``StoppedError`` then.
  private func unlessStopped<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await body() }
      group.addTask {
        try await board.stops()
        try await Task.sleep(for: Self.grace)
        return nil
      }
      guard let result = try await group.next() ?? nil else { throw StoppedError() }
      return result
    }
  }

  /// Keeps what the run has come to, if a worker has it and hands it on in time.
  ///
  /// - Throws: ``RunStoreError`` if it can't be written.
  private func keep(_ state: TrainingState) async throws {
    guard try await store.journal.checkpoints().first?.round ?? 0 < state.round else { return }
    let snapshot: ModelSnapshot
    do {
      snapshot = try await withThrowingTaskGroup(of: ModelSnapshot.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await roster.relayed(after: state.round, from: 3) }
        group.addTask {
          try await Task.sleep(for: Self.graceToKeep)
          throw NoReplicaError(round: state.round)
        }
        guard let snapshot = try await group.next() else { throw NoReplicaError(round: state.round) }
        return snapshot
      }
    } catch let error as NoReplicaError {
      return log.warning(
        "there is no checkpoint of round \(state.round): \(error); the run goes on from the one before")
    }
    try await save(state, snapshot)
  }

  private func isDone(_ state: TrainingState) -> Bool {
    state.round >= configuration.run.rounds || state.steps >= configuration.run.steps
      || state.goodEvaluations >= Self.evaluationsToStop
  }

  private func turn(
    _ before: TrainingState, _ models: ModelSnapshot?
  ) async throws -> (TrainingState, ModelSnapshot?) {
    let started = ContinuousClock.now
    let round = before.round + 1
    var state = before
    await roster.dismissDrained(after: state.round)
    let hands = try await hands(after: state.round, models)
    let steps = distiller.steps(of: round, before)

    let (decompositions, shards, outcome) = try await together(
      // 1. Collect: H decomposes questions, the teacher answers its sub-questions.
      { try await collector.collect(round, before, hands) },
      // 3. Amplify: H′ decomposes, the teacher answers.
      { try await amplify(round, before, hands) },
      // 2 and 4. Imitate and distil: H′ learns from H's transcripts, the student from the replay buffer, as both were.
      { try await distiller.train(round, steps, with: hands) })

    // 5. Commit.
    try await take(decompositions, round, &state)
    if let shards { try await take(shards, round, &state, hands) }
    if let loss = outcome.imitationLoss { state.imitation.trained(loss: loss) }
    state.steps += steps.distillation.count
    state.round = round
    let time = started.duration(to: .now)
    state.wallSeconds += time / .seconds(1)
    log.debug("a round is done", metadata: ["round": "\(round)", "steps": "\(state.steps)"])
    await board.committed(state, after: before, loss: outcome.distillationLoss, took: time)

    if round.isMultiple(of: configuration.run.evaluateEvery), !state.replay.isEmpty {
      try await evaluate(&state, models)
    }
    guard round.isMultiple(of: configuration.run.checkpointEvery) else { return (state, models) }
    return (state, try await checkpoint(state, models))
  }

  private func hands(after round: Int, _ models: ModelSnapshot?) async throws -> Hands {
    let team = try await roster.team(
      after: round, fallback: models, whileWaiting: { try await board.waiting() })
    let examiner = Examiner(task: task, configuration: configuration, weights: await roster.agreed[round])
    return Hands(
      round: round, team: team, fallback: models, roster: roster, dispatch: dispatch, examiner: examiner, desk: desk,
      board: board)
  }

  // MARK: The steps of a turn

  private func amplify(_ round: Int, _ state: TrainingState, _ hands: Hands) async throws -> [GrownShard]? {
    guard configuration.overseer.kind == .scripted || state.imitation.isTrusted else { return nil }
    let shards = shares(of: configuration.amplification.contexts, among: configuration.amplification.shards)
      .filter { !$0.isEmpty }
      .map { TreeShard(round: round, contexts: $0, elements: state.curriculum.elements) }
    return try await hands.map(shards, \.grown) { try await $0.grow($1) }
  }

  private func take(_ collected: Collector.Collected, _ round: Int, _ state: inout TrainingState) async throws {
    state.owed = collected.owed
    if collected.hasAsked { state.imitation.asked() }
    let transcripts = collected.given.flatMap(\.trees).map(\.transcript)
    let loss = collected.given.reduce(0.0) { $0 + $1.loss * Double($1.trees.count) }
    state.imitation.observed(transcripts.count, loss: loss / Double(max(1, transcripts.count)))
    try state.transcripts.append(transcripts)
    try await store.journal.record(script: collected.script)
    try await store.journal.take(collected.numbers, round: round)
    await desk.forget(collected.decided)
  }

  private func take(_ shards: [GrownShard], _ round: Int, _ state: inout TrainingState, _ hands: Hands) async throws {
    for shard in shards {
      state.amplifiedQuestions += shard.questions
      state.subQuestions += shard.subQuestions
      state.memoHits += shard.memoHits
    }
    let questions = shards.reduce(0) { $0 + $1.questions }
    let elements = state.curriculum.elements
    state.curriculum.observe(agreement: Double(shards.reduce(0) { $0 + $1.agreed }) / Double(max(1, questions)))
    if state.curriculum.elements != elements { state.imitation.questionsChanged() }
    var batch = try await gate.hold(shards, round, elements: elements, &state, hands)
    let passed = try await gate.due(round, &state, hands)
    batch.append(passed.lessons)
    try state.transcripts.append(passed.corrections)
    try await store.journal.take(passed.numbers, round: round)
    await desk.forget(passed.decided)
    state.learns(batch, of: round)
  }

  private func evaluate(_ state: inout TrainingState, _ models: ModelSnapshot?) async throws {
    let started = ContinuousClock.now
    let accuracy = try await accuracy(after: state.round, contexts: Self.evaluationContexts, models)
    state.wallSeconds += started.duration(to: .now) / .seconds(1)
    var line = MetricsLine(
      round: state.round, steps: state.steps, wallSeconds: state.wallSeconds, elements: state.curriculum.elements,
      agreement: state.curriculum.agreement, loss: await board.loss, overseerLoss: state.imitation.heldOutLoss,
      humanDecompositions: state.imitation.given, amplifiedQuestions: state.amplifiedQuestions,
      subQuestions: state.subQuestions, memoHits: state.memoHits, accuracy: accuracy)
    line.learningRate = configuration.distillation.learningRate * WarmUp.share(ofStep: state.steps)
    line.memoryBytes = await roster.statuses().reduce(Coordinator.residentBytes ?? 0) { $0 + $1.residentBytes }
    state.evaluated(line)
    try await store.appendMetrics(try JSONEncoder.forPeople.encode(line))
    await board.evaluated(line)
  }

  /// Accuracy on the first held-out contexts, which are the same for every round.
  private func accuracy(after round: Int, contexts: Int, _ models: ModelSnapshot?) async throws -> Accuracy {
    let parts = max(configuration.amplification.shards, contexts / 25)
    let shards = shares(of: contexts, among: parts).filter { !$0.isEmpty }
      .map { EvaluationShard(round: round, contexts: $0, trees: Self.treesPerUnit) }
    let results = try await hands(after: round, models).map(shards, \.evaluated) { try await $0.evaluate($1) }
    try await keep(zip(shards, results), of: round)
    return Accuracy(results.reduce(into: Evaluation()) { $0 += $1 })
  }

  /// Keeps some trees of an evaluation to be looked at.
  private func keep(_ results: some Sequence<(EvaluationShard, Evaluation)>, of round: Int) async throws {
    let encoder = JSONEncoder.forPeople
    let trees = results.flatMap { shard, evaluation in
      evaluation.examples.map { example in
        KeptTree(
          round: round, place: 0, worker: evaluation.worker,
          unit: "contexts \(shard.contexts.lowerBound + 1)–\(shard.contexts.upperBound)",
          amplified: AmplifiedQuestion(
            example.tree, about: example.context, student: example.student, teacher: example.teacher, task))
      }
    }
    try await store.journal.record(
      trees: try trees.enumerated().map { place, tree in
        var tree = tree
        tree.place = place
        return String(decoding: try encoder.encode(tree), as: UTF8.self)
      }, round: round)
  }

  private func finish(_ state: TrainingState, _ models: ModelSnapshot?) async throws -> RunResult {
    await board.entered(.evaluating)
    let accuracy = try await accuracy(after: state.round, contexts: Self.finalContexts, models)
    let models = try await checkpoint(state, models)
    let team = try await hands(after: state.round, models).team
    guard let hash = models?.weightsHash else { throw NoReplicaError(round: state.round) }
    var result = RunResult(
      name: store.name, task: configuration.task.name, seed: configuration.run.seed, workers: team.count,
      rounds: state.round, steps: state.steps, wallSeconds: state.wallSeconds,
      humanDecompositions: state.imitation.given, amplifiedQuestions: state.amplifiedQuestions,
      subQuestions: state.subQuestions, memoHits: state.memoHits, accuracy: accuracy,
      weightsSHA256: hash, finished: true)
    result.builds = try await store.journal.builds()
    result.limits = RunResult.Limits(configuration)
    try await store.writeAtomically(try JSONEncoder.forPeople.encode(result), to: "result.json")
    await board.entered(.finished)
    return result
  }

  // MARK: What is kept

  /// The newest checkpoint, or the beginning.
  private func restored() async throws -> (TrainingState, ModelSnapshot?) {
    var (state, models): (TrainingState, ModelSnapshot?) = (TrainingState(configuration), nil)
    if let (_, checkpoint) = try await store.latestCheckpoint(report: { log.warning("\($0)") }) {
      (state, models) = try RunCheckpoint.decode(checkpoint, configuration)
      log.info("going on after round \(state.round)")
    }
    let round = state.round
    try await store.journal.rewind(to: round)
    // Rounds after a checkpoint are done again, and logged again.
    let (history, problems) = try await store.keepMetrics { (line: MetricsLine) in line.round <= round }
    for problem in problems { log.warning("\(problem)") }
    if state.stopAt != configuration.run.stopAt { state.stops(at: configuration.run.stopAt, after: history) }
    await board.restored(state, history: history)
    return (state, models)
  }

  /// Puts on the desk what people owe, and what waits for them to check it.
  private func layOut(_ state: TrainingState, _ models: ModelSnapshot?) async throws {
    await desk.clear()
    // Whether a judgment stands may depend on what X answers.
    let hands = try await hands(after: state.round, models)
    var items = try await gate.items(state.held)
    for owed in state.owed { items += try await collector.items(owed) }
    try await desk.open(items, whileUnanswered: hands.answering)
  }

  private func checkpoint(_ state: TrainingState, _ models: ModelSnapshot?) async throws -> ModelSnapshot? {
    guard state.round > 0, models?.round != state.round else { return models }
    let hands = try await hands(after: state.round, models)
    guard let snapshot = try await hands.map([state.round], \.snapped, { try await $0.snapshot(after: $1) }).first
    else {
      return models
    }
    try await save(state, snapshot)
    return snapshot
  }

  private func save(_ state: TrainingState, _ models: ModelSnapshot) async throws {
    let started = ContinuousClock.now
    var checkpoint = try RunCheckpoint.encode(state, models)
    checkpoint.arrays.metadata[RunCheckpoint.numbers] = try JournalRecord.encode(task.numbers)
    try await store.save(checkpoint, round: state.round)
    await board.checkpointed(in: started.duration(to: .now))
  }
}

extension Accuracy {
  /// Shares of right answers.
  public init(_ evaluation: Evaluation) {
    func row(_ counts: Evaluation.Counts) -> Row {
      let all = Double(max(1, counts.questions))
      return Row(
        student: Double(counts.student) / all, teacher: Double(counts.teacher) / all,
        amplified: Double(counts.amplified) / all)
    }
    let all = evaluation.byClass.values.reduce(into: Evaluation.Counts()) { $0 += $1 }
    self.init(row(all), byClass: evaluation.byClass.mapValues(row))
  }
}

extension JSONEncoder {
  /// One line, keys in a fixed order.
  public static var forPeople: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
