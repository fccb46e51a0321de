import Foundation
import Oversight
import RunStore
import Status
import Tasks
import WorkUnits

/// What is kept of a run, and how it goes on from there.
extension RoundLoop {
  /// The newest checkpoint, or the beginning.
  func restored() async throws -> (TrainingState, ModelSnapshot?) {
    var (state, models): (TrainingState, ModelSnapshot?) = (TrainingState(configuration), nil)
    state.begins(with: taught)
    if let (_, checkpoint) = try await store.latestCheckpoint(report: { log.warning("\($0)") }) {
      (state, models) = try RunCheckpoint.decode(checkpoint, configuration)
      log.info("going on after round \(state.round)")
      if state.taught != taught {
        log.warning("what task.taught says has changed since the run began: it goes on with what X was taught then")
      }
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
  func layOut(_ state: TrainingState, _ models: ModelSnapshot?) async throws {
    await desk.clear()
    // Whether a judgment stands may depend on what X answers.
    let crew = try await gathered(after: state.round, models)
    var items = try await gate.items(state.held)
    for owed in state.owed { items += try await collector.items(owed) }
    try await desk.open(items, whileUnanswered: crew.answering)
  }

  func checkpoint(_ state: TrainingState, _ models: ModelSnapshot?) async throws -> ModelSnapshot? {
    guard state.round > 0, models?.round != state.round else { return models }
    let crew = try await gathered(after: state.round, models)
    guard let snapshot = try await crew.map([TakeSnapshot(after: state.round)]).first else { return models }
    try await save(state, snapshot)
    return snapshot
  }

  func save(_ state: TrainingState, _ models: ModelSnapshot) async throws {
    let started = ContinuousClock.now
    var checkpoint = try RunCheckpoint.encode(state, models)
    if let task = task as? any TokenTask {
      checkpoint.arrays.metadata[RunCheckpoint.numbers] = try JournalRecord.encode(task.numbers)
    }
    try await store.save(checkpoint, round: state.round)
    await board.checkpointed(in: started.duration(to: .now))
  }

  /// Keeps what the run has come to, if a worker has it and hands it on in time.
  ///
  /// - Throws: ``RunStoreError`` if it can't be written.
  func keep(_ state: TrainingState) async throws {
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
}
