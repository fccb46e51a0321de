import Foundation
import Status

/// What the run is doing, for whoever asks.
public actor Board {
  private var run: RunStatus
  /// The evaluations so far, oldest first.
  public private(set) var history: [MetricsLine] = []
  private(set) var isStopping = false
  /// Mean loss of the newest round of distillation.
  private(set) var loss: Double?
  private var recent: [(time: ContinuousClock.Instant, round: Int)] = []

  init(_ run: RunStatus) {
    self.run = run
  }

  /// The run now.
  public var status: RunStatus { run }

  /// Asks the run to end after the present round.
  public func stop() {
    isStopping = true
    run.phase = .stopping
  }

  func entered(_ phase: RunStatus.Phase) {
    run.phase = isStopping && phase != .finished ? .stopping : phase
  }

  /// There is no worker. - Throws: ``StoppedError`` if the run is to end: there is nobody to finish the round.
  func waiting() throws {
    if isStopping { throw StoppedError() }
    run.phase = .waiting
  }

  func restored(_ state: TrainingState, history: [MetricsLine]) {
    self.history = history
    run.accuracy = history.last?.accuracy
    recent = []
    take(state)
  }

  func committed(_ state: TrainingState, loss: Double?) {
    self.loss = loss
    let now = ContinuousClock.now
    recent.append((now, state.round))
    while recent.count > 2, recent[1].time.duration(to: now) > .seconds(20) { recent.removeFirst() }
    take(state)
    entered(state.steps > 0 ? .training : .imitating)
    let seconds = recent[0].time.duration(to: now) / .seconds(1)
    run.roundsPerSecond = seconds > 0 ? Double(state.round - recent[0].round) / seconds : 0
    run.secondsLeft = run.roundsPerSecond > 0 ? Double(run.rounds - state.round) / run.roundsPerSecond : nil
  }

  func evaluated(_ line: MetricsLine) {
    history.append(line)
    run.accuracy = line.accuracy
  }

  private func take(_ state: TrainingState) {
    run.round = state.round
    run.steps = state.steps
    run.elements = state.curriculum.elements
    run.humanDecompositions = state.imitation.given
    run.amplifiedQuestions = state.amplifiedQuestions
  }
}

/// The run was asked to stop while it waited for workers.
struct StoppedError: Error {}
