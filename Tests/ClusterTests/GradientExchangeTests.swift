import ActorCluster
import Testing
import WorkUnits

@testable import Worker

struct GradientExchangeTests {
  private func key(attempt: Int = 1) -> GradientKey {
    GradientKey(round: 1, attempt: attempt, model: .answerer, step: 0)
  }

  /// Numbers whose sum depends on the order of summation.
  private let parts: [Range<Int>: [Float]] = [0..<2: [1e8, 1], 2..<3: [1, 2], 3..<4: [-1e8, 3]]

  @Test func theSumIsInTheCanonicalOrder() async throws {
    let exchange = GradientExchange()
    await exchange.begin(attempt: 1, members: 2, leaves: 4)
    async let first = exchange.contribute([0..<2: parts[0..<2] ?? []], rank: 0, to: key())
    async let second = exchange.contribute(
      [2..<3: parts[2..<3] ?? [], 3..<4: parts[3..<4] ?? []], rank: 1, to: key())
    // (0 + 1) + (2 + 3)
    let expected: [Float] = [1e8 + (1 + -1e8), 1 + (2 + 3)]
    #expect(try await first.elements(Float.self) == expected)
    #expect(try await second.elements(Float.self) == expected)
  }

  @Test func aPartThatComesBeforeTheAttemptBeginsIsKept() async throws {
    let exchange = GradientExchange()
    async let early = exchange.contribute([0..<1: [1]], rank: 1, to: key())
    await exchange.begin(attempt: 1, members: 2, leaves: 2)
    _ = try await exchange.contribute([1..<2: [2]], rank: 0, to: key())
    #expect(try await early.elements(Float.self) == [3])
  }

  @Test func anOlderAttemptIsRefused() async throws {
    let exchange = GradientExchange()
    await exchange.begin(attempt: 2, members: 2, leaves: 2)
    await #expect(throws: SupersededError.self) { try await exchange.contribute([0..<1: [1]], rank: 0, to: key()) }
  }

  @Test func whoWaitsForAnOlderAttemptIsTold() async throws {
    let exchange = GradientExchange()
    await exchange.begin(attempt: 1, members: 2, leaves: 2)
    let waiting = Task { try await exchange.contribute([0..<1: [1]], rank: 0, to: key()) }
    await exchange.begin(attempt: 2, members: 2, leaves: 2)
    await #expect(throws: SupersededError.self) { try await waiting.value }
  }

  @Test(arguments: [[1..<2: [Float](repeating: 1, count: 3)], [0..<1: [1]], [5..<9: [1]]])
  func partsThatDoNotFitAreAnError(_ wrong: [Range<Int>: [Float]]) async throws {
    let exchange = GradientExchange()
    await exchange.begin(attempt: 1, members: 2, leaves: 2)
    let first = Task { try await exchange.contribute([0..<1: [1]], rank: 0, to: key()) }
    await #expect(throws: RemoteCallError.self) { try await exchange.contribute(wrong, rank: 1, to: key()) }
    await #expect(throws: RemoteCallError.self) { try await first.value }
  }

  @Test(arguments: [[0], [0, 0], [1, 0], [-1, 2], [0, 2, 4, 8]] as [[Int32]])
  func aPartWhoseRunsMakeNoSenseIsNone(_ nodes: [Int32]) {
    var part = GradientPart(key: key(), rank: 0, nodes: [], sums: Bulk([1, 2, 3] as [Float]))
    part.nodes = nodes
    #expect(part.parts == nil)
  }
}
