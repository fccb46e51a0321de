/// How the learning rate rises from zero.
public enum WarmUp {
  /// Steps that it takes.
  public static let steps = 100

  /// The share of the learning rate that a step is taken with. - Parameter step: from 1.
  public static func share<Number: BinaryFloatingPoint>(ofStep step: Int) -> Number {
    min(1, Number(step) / Number(steps))
  }
}
