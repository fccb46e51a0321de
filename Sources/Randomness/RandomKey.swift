/// Where all the randomness below one question comes from: a number that is split for each thing below it.
///
/// As with ``CounterGenerator``, nothing depends on the order in which the things below are done.
public struct RandomKey: Hashable, Sendable, Codable {
  private let bits: UInt64

  /// The key of position `index` of a round.
  public init(seed: UInt64, purpose: Purpose, round: Int = 0, index: Int = 0) {
    var random = CounterGenerator(seed: seed, purpose: .keys, round: round, index: index)
    bits = random.next() ^ UInt64(purpose.rawValue)
  }

  private init(bits: UInt64) {
    self.bits = bits
  }

  /// The key of what is below, at that place.
  public func child(_ place: Int) -> RandomKey {
    var random = CounterGenerator(seed: bits, purpose: .keys, index: place)
    return RandomKey(bits: random.next())
  }

  /// Numbers for one purpose.
  public func generator(_ purpose: Purpose) -> CounterGenerator { CounterGenerator(seed: bits, purpose: purpose) }
}
