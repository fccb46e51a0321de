import Foundation
import Status

/// What the run is doing, for whoever asks.
public actor RunBoard {
  private var run: RunStatus
  /// The evaluations so far, oldest first.
  public private(set) var history: [MetricsLine] = []
  /// Where a browser finds the dashboard; nil: nowhere.
  public private(set) var dashboard: String?
  private(set) var isStopping = false
  private let changes = Signal()
  /// Mean loss of the newest round of distillation.
  private(set) var loss: Double?
  private var recent: [(time: ContinuousClock.Instant, round: Int)] = []
  private var committed = ContinuousClock.now
  private let meters: Meters

  init(_ run: RunStatus, _ meters: Meters) {
    self.run = run
    self.meters = meters
  }

  /// The run now.
  public var status: RunStatus {
    var status = run
    status.secondsSinceRound = committed.duration(to: .now) / .seconds(1)
    status.recent = history.suffix(RunStatus.mostRecent).map { $0.accuracy.row }
    return status
  }

  /// Asks the run to end: after the present round, or without it if it takes long.
  public func stop() {
    isStopping = true
    run.phase = .stopping
    changes.notify()
  }

  /// Waits until the run is asked to end.
  func stops() async throws {
    while !isStopping {
      await changes.change()
      try Task.checkCancellation()
    }
  }

  /// Says where a browser finds the dashboard.
  public func found(dashboard: String) { self.dashboard = dashboard }

  func entered(_ phase: RunStatus.Phase) {
    run.phase = isStopping && phase != .finished ? .stopping : phase
  }

  /// There is no worker, or none that answers. - Parameter what: is waited for.
  /// - Throws: ``StoppedError`` if the run is to end: there is nobody to finish the round.
  func waiting(for what: String? = nil) throws {
    if isStopping { throw StoppedError() }
    run.phase = .waiting
    run.waitsFor = what
  }

  /// Nothing is left to do without people. - Parameter what: is waited for.
  /// - Throws: ``StoppedError`` if the run is to end.
  func asking(_ what: String) throws {
    if isStopping { throw StoppedError() }
    run.phase = .asking
    run.waitsFor = what
  }

  func restored(_ state: TrainingState, history: [MetricsLine]) {
    self.history = history
    run.accuracy = history.last?.accuracy
    run.lessons = history.last?.lessons
    recent = []
    meters.restored(round: state.round)
    if let accuracy = run.accuracy { meters.evaluated(accuracy) }
    take(state)
  }

  func committed(_ state: TrainingState, after before: TrainingState, loss: Double?, took time: Duration) {
    self.loss = loss
    let now = ContinuousClock.now
    committed = now
    meters.committed(state, after: before, loss: loss, took: time)
    recent.append((now, state.round))
    while recent.count > 2, recent[1].time.duration(to: now) > .seconds(20) { recent.removeFirst() }
    take(state)
    run.waitsFor = nil
    entered(state.steps > 0 ? .training : .imitating)
    let seconds = recent[0].time.duration(to: now) / .seconds(1)
    run.roundsPerSecond = seconds > 0 ? Double(state.round - recent[0].round) / seconds : 0
    run.secondsLeft = run.roundsPerSecond > 0 ? Double(run.rounds - state.round) / run.roundsPerSecond : nil
  }

  func evaluated(_ line: MetricsLine) {
    history.append(line)
    run.accuracy = line.accuracy
    run.lessons = line.lessons
    meters.evaluated(line.accuracy)
  }

  /// A checkpoint was written.
  func checkpointed(in time: Duration) { meters.checkpointed(in: time) }

  private func take(_ state: TrainingState) {
    run.round = state.round
    run.steps = state.steps
    run.elements = state.curriculum.elements
    run.humanDecompositions = state.imitation.given
    run.amplifiedQuestions = state.amplifiedQuestions
  }
}

/// The run was asked to stop, before its end.
struct StoppedError: Error {}
