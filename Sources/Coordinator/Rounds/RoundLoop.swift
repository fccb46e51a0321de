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
  /// What people teach X before it is asked anything.
  let taught: Examples
  let store: RunStore
  let roster: Roster
  let dispatch: Dispatch
  let training: TeamTraining
  let desk: Desk
  let collector: Collector
  let gate: ReviewGate
  let board: RunBoard
  let log: Logger

  /// Accuracy at which a run has to stay for two evaluations to end early is `run.stop_at`.
  private static let evaluationsToStop = 2
  /// Contexts of the evaluations on the way, and of the last one.
  static let evaluationContexts = 50
  private static let finalContexts = 200
  /// A run that is asked to end has so long for what it is at, and then so long for a checkpoint of what it has.
  private static let grace = Duration.seconds(4)
  static let graceToKeep = Duration.seconds(4)
  /// Of each unit of an evaluation, the questions whose trees are kept to be looked at.
  static let treesPerUnit = 4

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

  private func isDone(_ state: TrainingState) -> Bool {
    state.round >= configuration.run.rounds || state.steps >= configuration.run.steps
      || state.goodEvaluations >= Self.evaluationsToStop
  }

  private func turn(
    _ last: TrainingState, _ models: ModelSnapshot?
  ) async throws -> (TrainingState, ModelSnapshot?) {
    let started = ContinuousClock.now
    let round = last.round + 1
    await roster.dismissDrained(after: last.round)
    let crew = try await gathered(after: last.round, models)
    let before = try await recited(last, crew)
    var state = before

    let (decompositions, shards, outcome) = try await together(
      // 1. Collect: H decomposes questions, the teacher answers its sub-questions.
      { try await collector.collect(round, before, crew) },
      // 3. Amplify: H′ decomposes, the teacher answers.
      { try await amplify(round, before, crew) },
      // 2 and 4. Imitate and distil: H′ learns from H's transcripts, the student from the replay buffer, as both were.
      { try await training.train(round, from: before, with: crew) })

    // 5. Commit.
    try await take(decompositions, round, &state)
    if let shards { try await take(shards, round, &state, crew) }
    if let loss = outcome.losses[.overseer] { state.imitation.trained(loss: loss) }
    state.steps += outcome.steps[.answerer, default: 0]
    state.made.merge(outcome.made) { $1 }
    state.round = round
    let time = started.duration(to: .now)
    state.wallSeconds += time / .seconds(1)
    log.debug(
      "a round is done",
      metadata: [
        "round": "\(round)", "steps": "\(state.steps)", "overseer_loss": "\(state.imitation.heldOutLoss ?? .nan)",
      ])
    await board.committed(state, after: before, loss: outcome.losses[.answerer], took: time)

    if round.isMultiple(of: configuration.run.evaluateEvery), !state.replay.isEmpty || !state.isTaught {
      try await evaluate(&state, models)
    }
    guard round.isMultiple(of: configuration.run.checkpointEvery) else { return (state, models) }
    return (state, try await checkpoint(state, models))
  }

  func gathered(after round: Int, _ models: ModelSnapshot?) async throws -> Crew {
    let team = try await roster.team(
      after: round, fallback: models, whileWaiting: { try await board.waiting() })
    let rules = ResultRules(task, configuration, weights: await roster.agreed[round])
    return Crew(
      round: round, team: team, fallback: models, roster: roster, dispatch: dispatch, rules: rules, desk: desk,
      board: board)
  }

  // MARK: The steps of a turn

  /// Whether X has learned what it is taught is known before a round, by the models before it. What it knew is shown, too.
  private func recited(_ state: TrainingState, _ crew: Crew) async throws -> TrainingState {
    guard !state.isTaught else { return state }
    let count = state.taught.contexts
    let parts = shares(of: count, among: configuration.amplification.shards).filter { !$0.isEmpty }
    let right = try await crew.map(parts.map { Recite(round: state.round, taught: state.taught.contexts($0)) })
      .reduce(0, +)
    log.notice("X says \(right) of the \(count) answers that it is taught", metadata: ["steps": "\(state.steps)"])
    guard state.steps > 0 else { return state }
    var state = state
    state.isTaught =
      state.steps >= configuration.task.taughtSteps || Double(right) >= configuration.task.taughtUntil * Double(count)
    return state
  }

  private func amplify(_ round: Int, _ state: TrainingState, _ crew: Crew) async throws -> [Grow.Result]? {
    guard state.isTaught, configuration.overseer.kind == .scripted || state.imitation.isTrusted else { return nil }
    let shards = shares(of: configuration.amplification.contexts, among: configuration.amplification.shards)
      .filter { !$0.isEmpty }
      .map { Grow(round: round, contexts: $0, elements: state.curriculum.elements) }
    return try await crew.map(shards)
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

  private func take(_ shards: [Grow.Result], _ round: Int, _ state: inout TrainingState, _ crew: Crew) async throws {
    for shard in shards {
      state.amplifiedQuestions += shard.questions
      state.subQuestions += shard.subQuestions
      state.memoHits += shard.memoHits
    }
    let questions = shards.reduce(0) { $0 + $1.questions }
    let elements = state.curriculum.elements
    state.curriculum.observe(
      agreement: Double(shards.reduce(0) { $0 + $1.agreed }) / Double(max(1, questions)),
      by: Curriculum.Rule(threshold: configuration.task.raiseAt, fewestBatches: configuration.task.raiseAfter))
    if state.curriculum.elements != elements { state.imitation.questionsChanged() }
    let chosen = LessonChoice(configuration, unknown: task.unknown).choose(among: shards)
    state.lessons += chosen.counted
    var batch = try await gate.hold(shards, chosen.shards, round, elements: elements, &state, crew)
    let passed = try await gate.due(round, &state, crew)
    batch.append(passed.examples)
    try state.transcripts.append(passed.corrections)
    try await store.journal.take(passed.numbers, round: round)
    await desk.forget(passed.decided)
    state.learns(batch, of: round, elements: elements)
  }

  private func finish(_ state: TrainingState, _ models: ModelSnapshot?) async throws -> RunResult {
    await board.entered(.evaluating)
    let accuracy = try await accuracy(after: state.round, contexts: Self.finalContexts, models)
    let models = try await checkpoint(state, models)
    let team = try await gathered(after: state.round, models).team
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
}
