/// Workers that could not be made ready, and for how long the others do without each: who comes and is lost again and again
/// holds up nobody.
///
/// By name, as one that is lost comes back as a new member. Nothing but rules. Time comes in from outside.
struct Setbacks {
  struct Setback {
    /// How many times in a row.
    var count: Int
    /// What was in the way last.
    var cause: String
    /// When it may be tried again.
    var again: ContinuousClock.Instant
  }

  private(set) var all: [String: Setback] = [:]

  /// The first time may be mishap: it is tried again at once.
  mutating func failed(_ name: String, because cause: String, at now: ContinuousClock.Instant) {
    let before = all[name]?.count ?? 0
    let pause = before == 0 ? .zero : LinkTable.patience(after: before - 1)
    all[name] = Setback(count: before + 1, cause: cause, again: now + pause)
  }

  mutating func succeeded(_ name: String) { all[name] = nil }

  /// Whether nobody is to wait for it now.
  func isLeftAlone(_ name: String, at now: ContinuousClock.Instant) -> Bool {
    all[name].map { $0.again > now } ?? false
  }
}
