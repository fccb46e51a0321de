import ClusterFile
import Commands
import Coordinator
import Randomness
import RunStore

/// What checkpoints of a run cost that has many transcripts, without the rounds that it would take to get so many.
struct CheckpointTrial: Sendable {
  private let store: RunStore
  private let configuration: ClusterFile

  init(_ store: RunStore, _ configuration: ClusterFile) {
    self.store = store
    self.configuration = configuration
  }

  /// Repeats the transcripts of a run's newest checkpoint until there are so many, and writes that checkpoint anew.
  ///
  /// - Returns: its round, and how long writing it took: all of it, as no other does after it.
  func fill(upTo count: Int) async throws -> (round: Int, writing: Duration) {
    guard let (_, checkpoint) = try await store.latestCheckpoint(report: { _ in }) else {
      throw Failure("the run \(store.name) has no checkpoint to begin with")
    }
    var (state, models) = try RunCheckpoint.decode(checkpoint, configuration)
    let given = state.transcripts.count
    guard given > 0 else { throw Failure("the run \(store.name) has no transcripts to repeat") }
    // In no order that repeats itself: blocks that are equal would be written once.
    var random = CounterGenerator(seed: 0, purpose: .transcripts)
    let some = (0..<given).map { state.transcripts[$0] }
    for _ in given..<max(given, count) {
      try state.transcripts.append(CollectionOfOne(some[Int.random(in: some.indices, using: &random)]))
    }
    let started = ContinuousClock.now
    try await store.save(try RunCheckpoint.encode(state, models), round: state.round)
    return (state.round, started.duration(to: .now))
  }

  /// How long reading the newest checkpoint takes, and the transcripts that it has.
  func read() async throws -> (transcripts: Int, reading: Duration) {
    let started = ContinuousClock.now
    guard let (_, checkpoint) = try await store.latestCheckpoint(report: { _ in }) else { return (0, .zero) }
    let (state, _) = try RunCheckpoint.decode(checkpoint, configuration)
    return (state.transcripts.count, started.duration(to: .now))
  }
}
