import Testing

@testable import Randomness

struct CounterGeneratorTests {
  /// The known answers of Philox4x32-10 that its authors publish with Random123.
  @Test func philoxGivesItsAuthorsKnownAnswers() {
    #expect(
      CounterGenerator.philox(SIMD4(repeating: 0), SIMD2(repeating: 0))
        == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      CounterGenerator.philox(SIMD4(repeating: .max), SIMD2(repeating: .max))
        == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      CounterGenerator.philox(
        SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), SIMD2(0xA409_3822, 0x299F_31D0))
        == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  @Test func aStreamDependsOnItsAddressOnly() {
    func draws(_ seed: UInt64, _ purpose: Purpose, _ round: Int, _ index: Int) -> [UInt64] {
      var random = CounterGenerator(seed: seed, purpose: purpose, round: round, index: index)
      return (0..<5).map { _ in random.next() }
    }
    let reference = draws(1, .contexts, 2, 3)
    #expect(draws(1, .contexts, 2, 3) == reference)
    for other in [
      draws(2, .contexts, 2, 3), draws(1, .questions, 2, 3), draws(1, .contexts, 3, 3), draws(1, .contexts, 2, 4),
    ] {
      #expect(Set(other).isDisjoint(with: reference))
    }
  }

  @Test func normalDrawsAreStandard() {
    var random = CounterGenerator(seed: 7, purpose: .initialAnswerer)
    let draws = (0..<20_000).map { _ in Double(random.nextNormal()) }
    let mean = draws.reduce(0, +) / Double(draws.count)
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws.count)
    #expect(abs(mean) < 0.03)
    #expect(abs(variance - 1) < 0.05)
  }
}
