import Foundation

/// What a stream of random numbers is for. Two purposes never share numbers.
public enum Purpose: UInt32, Sendable, CaseIterable {
  /// What X and H′ begin with; any other model has ``initialValues``, below a key of its name.
  case initialAnswerer = 1, initialOverseer
  case contexts, questions
  case decompositions, overseerErrors
  case replay, transcripts
  case heldOut
  case keys, lookUps, doubts
  case faults
  case review
  case initialValues
  case teaching
}

/// A random generator without history: draw `n` of stream (seed, purpose, round, index) is a pure function of those.
///
/// So work may be done anywhere, in any order, twice or not at all, and the numbers stay the same. The function is
/// Philox4x32-10 (Salmon et al., *Parallel random numbers: as easy as 1, 2, 3*, SC 2011); a stream holds 2³² blocks of
/// two 64-bit draws.
public struct CounterGenerator: RandomNumberGenerator, Sendable {
  private let key: SIMD2<UInt32>
  private var counter: SIMD4<UInt32>
  private var spare: UInt64?

  /// - Parameters:
  ///   - round: 0 ..< 2³²; larger values wrap.
  ///   - index: position within the round, 0 ..< 2³²; larger values wrap.
  public init(seed: UInt64, purpose: Purpose, round: Int = 0, index: Int = 0) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    counter = SIMD4(0, UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: round), purpose.rawValue)
  }

  public mutating func next() -> UInt64 {
    if let value = spare {
      spare = nil
      return value
    }
    let block = Self.philox(counter, key)
    counter[0] &+= 1
    spare = UInt64(block[3]) << 32 | UInt64(block[2])
    return UInt64(block[1]) << 32 | UInt64(block[0])
  }

  /// A draw from the standard normal distribution (Box–Muller).
  public mutating func nextNormal() -> Float {
    // 53 random bits, moved off zero, whose logarithm would be infinite.
    let u = (Double(next() >> 11) + 0.5) * 0x1p-53
    let v = Double(next() >> 11) * 0x1p-53
    return Float((-2 * log(u)).squareRoot() * cos(2 * .pi * v))
  }

  static func philox(_ counter: SIMD4<UInt32>, _ key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let a = UInt64(0xD251_1F53) * UInt64(c[0])
      let b = UInt64(0xCD9E_8D57) * UInt64(c[2])
      c = SIMD4(
        UInt32(truncatingIfNeeded: b >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: a))
      k = SIMD2(k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85)
    }
    return c
  }
}
