/// Something that others can have happen again and again: counted each time, and said once in ten seconds at most.
struct Recurrence: Sendable {
  private(set) var count = 0
  private var said: ContinuousClock.Instant?

  private static let pause = Duration.seconds(10)

  /// - Returns: how often it has happened in all, if that is to be said now.
  mutating func happened(_ times: Int = 1, at now: ContinuousClock.Instant) -> Int? {
    count += times
    guard said.map({ $0.duration(to: now) >= Self.pause }) ?? true else { return nil }
    said = now
    return count
  }
}
