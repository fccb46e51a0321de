/// How many calls one caller may make: so many at a time, and so many a second.
///
/// An authorised caller that goes astray, or means harm, is told so instead of taking the place of the others.
struct CallAllowance {
  let atATime: Int
  let perSecond: Int
  private var underWay = 0
  private var begun = 0
  private var second: ContinuousClock.Instant?

  init(atATime: Int, perSecond: Int) {
    self.atATime = atATime
    self.perSecond = perSecond
  }

  /// - Returns: what the call exceeds; nil: it is taken.
  mutating func take(at now: ContinuousClock.Instant) -> String? {
    if second.map({ $0.duration(to: now) >= .seconds(1) }) ?? true { (second, begun) = (now, 0) }
    guard begun < perSecond else { return "\(perSecond) calls a second" }
    guard underWay < atATime else { return "\(atATime) calls at a time" }
    begun += 1
    underWay += 1
    return nil
  }

  /// A call that was taken has ended.
  mutating func give() { underWay = max(0, underWay - 1) }
}
