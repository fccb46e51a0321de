/// How fast a model learns, step by step: the rate rises from zero, stays, and falls as 1/√step if it is told to (Vaswani et
/// al. 2017). It knows nothing of the last step, so that a run may end sooner or later than was planned.
public struct LearningRate: Hashable, Sendable {
  public var peak: Double
  /// Steps until the peak is reached, at least 1.
  public var warmUp: Int
  /// The step after which the rate falls: at four times as many it is half the peak. nil: it never does.
  public var falling: Int?

  public init(peak: Double, warmUp: Int = 100, falling: Int? = nil) {
    self.peak = peak
    self.warmUp = warmUp
    self.falling = falling
  }

  /// The share of the peak that a step is taken with.
  ///
  /// - Parameter step: from 1.
  public func share<Number: BinaryFloatingPoint>(ofStep step: Int) -> Number {
    let risen = min(1, Number(step) / Number(warmUp))
    guard let falling, step > falling else { return risen }
    return risen * (Number(falling) / Number(step)).squareRoot()
  }
}
