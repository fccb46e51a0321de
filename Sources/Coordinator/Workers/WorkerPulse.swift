/// Whether a worker whose heart beats is alive: the heart is a thread of its own, and beats on when all else hangs.
///
/// It is when it says how it is, and when its computing thread, as long as it has something to do, gets somewhere: a thread
/// that hangs uses no processor time, one that is merely slow does. Time comes in from outside.
struct WorkerPulse {
  /// Who does not answer so many times in a row does not answer any more.
  static let mostMissed = 5
  /// A thread that stands still for so long hangs.
  static let patience = Duration.seconds(10)
  /// One that uses a smaller share of a processor than this stands still.
  private static let stirring = 1e-3
  /// Who was not heard for so long may have stood still as a whole, or was cut off: that is the failure detector's.
  private static let gap = Duration.seconds(4)

  private var missed = 0
  /// When it said last how it is.
  private var heard: ContinuousClock.Instant
  /// When its thread was last seen to do something, or to have nothing to do.
  private var stirred: ContinuousClock.Instant
  private var processorSeconds = 0.0

  init(at now: ContinuousClock.Instant) { (heard, stirred) = (now, now) }

  /// It was asked how it is, and did not answer. - Parameter isAlive: whether its heart beat meanwhile.
  mutating func missed(isAlive: Bool) { missed = isAlive ? missed + 1 : 0 }

  /// It said how it is.
  mutating func heard(isComputing: Bool, processorSeconds: Double, at now: ContinuousClock.Instant) {
    let silence = heard.duration(to: now)
    let used = processorSeconds - self.processorSeconds
    if !isComputing || silence > Self.gap || used > Self.stirring * (silence / .seconds(1)) { stirred = now }
    (heard, missed, self.processorSeconds) = (now, 0, processorSeconds)
  }

  /// Why it is of no use; nil: it is alive.
  var objection: String? {
    if missed >= Self.mostMissed { return "did not say how it is, \(missed) times in a row, though its heart beats" }
    let still = stirred.duration(to: heard)
    guard still > Self.patience else { return nil }
    return "has computed nothing for \(Int(still / .seconds(1))) s though it has something to do"
  }
}
