import Foundation
import Randomness

/// Bytes that were right once, for what has to stand any bytes at all. The same seed gives the same ones.
///
/// `GROVE_FUZZ=1000000 swift test --filter fuzzed` tries so many of each kind instead of a few thousand, and
/// `GROVE_FUZZ_SEED` others.
public struct Mutation: Sequence, IteratorProtocol {
  private static let environment = ProcessInfo.processInfo.environment
  private static let few = 5000
  /// How many there are.
  public static let count = environment["GROVE_FUZZ"].flatMap(Int.init) ?? few

  private let seeds: [[UInt8]]
  private var random = CounterGenerator(
    seed: environment["GROVE_FUZZ_SEED"].flatMap(UInt64.init) ?? 1, purpose: .faults)
  private var left = count

  /// - Parameter seeds: what is right, at least one.
  public init(of seeds: [[UInt8]]) {
    precondition(!seeds.isEmpty)
    self.seeds = seeds
  }

  /// - Parameter texts: what is right, at least one.
  public init(of texts: [String]) { self.init(of: texts.map { Array($0.utf8) }) }

  public mutating func next() -> [UInt8]? {
    guard left > 0 else { return nil }
    left -= 1
    var bytes = seeds[Int.random(in: seeds.indices, using: &random)]
    for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    let start = Int.random(in: 0...bytes.count, using: &random)
    let run = start..<Swift.min(bytes.count, start + Int.random(in: 1...8, using: &random))
    switch Int.random(in: 0..<6, using: &random) {
    case 0 where start < bytes.count: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: for index in run { bytes[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0 }
    case 2: bytes.removeSubrange(run)
    case 3: bytes.insert(contentsOf: bytes[run], at: start)
    case 4:
      // The end of one behind the beginning of another.
      let other = seeds[Int.random(in: seeds.indices, using: &random)]
      bytes = Array(bytes[..<start]) + other.suffix(Int.random(in: 0...other.count, using: &random))
    default: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: start)
    }
  }
}
