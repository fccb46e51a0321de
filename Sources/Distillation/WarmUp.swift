/// How the learning rate rises from zero.
public enum WarmUp {
  /// Steps that it takes where nobody says otherwise.
  public static let steps = 100

  /// The share of the learning rate that a step is taken with.
  ///
  /// - Parameters:
  ///   - step: from 1.
  ///   - steps: that the warm-up takes, at least 1.
  public static func share<Number: BinaryFloatingPoint>(ofStep step: Int, over steps: Int) -> Number {
    min(1, Number(step) / Number(steps))
  }
}
