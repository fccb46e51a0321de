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
    while await exchange.open == 0 { await Task.yield() }
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

  /// Sends a part to each key. - Returns: how many were told that it is too much, once so many have been.
  private func flood(_ exchange: GradientExchange, _ keys: [GradientKey], until enough: Int) async -> Int {
    await withTaskGroup(of: Bool.self) { group in
      for key in keys {
        group.addTask {
          do {
            _ = try await exchange.contribute([0..<1: [Float](repeating: 1, count: 50)], rank: 1, to: key)
          } catch let error as RemoteCallError {
            return error.reason == .overloaded
          } catch {}
          return false
        }
      }
      var refused = 0
      while refused < enough, let isRefused = await group.next() { refused += isRefused ? 1 : 0 }
      group.cancelAll()
      return refused
    }
  }

  @Test(.timeLimit(.minutes(1))) func partsForAttemptsThatNobodyBeganDoNotFillTheMemory() async throws {
    let exchange = GradientExchange()
    await exchange.begin(attempt: 1, members: 2, leaves: 2)
    let far = (0..<100).map { GradientKey(round: 1, attempt: .max - $0, model: .answerer, step: 0) }
    #expect(await flood(exchange, far, until: 90) == 90)
    let steps = (0..<100).map { GradientKey(round: 1, attempt: 1, model: .answerer, step: 1 + $0) }
    #expect(await flood(exchange, steps, until: 90) == 90)
    // Eight are too much if their numbers are.
    await exchange.expect(atMost: 100)
    #expect(await flood(exchange, Array(far.prefix(8)), until: 3) == 3)
  }

  @Test(.timeLimit(.minutes(1))) func amongThemTheNextAttemptStillBegins() async throws {
    let exchange = GradientExchange()
    await exchange.begin(attempt: 1, members: 2, leaves: 2)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<20 {
        group.addTask {
          _ = try? await exchange.contribute([0..<1: [7]], rank: 9, to: self.key(attempt: .max - number))
        }
      }
      // As from another coordinator of the run.
      let next = key(attempt: 1 << 40 | 1)
      while await exchange.open < 8 { await Task.yield() }
      async let early = exchange.contribute([0..<1: [1]], rank: 1, to: next)
      while await !exchange.isOpen(next) { await Task.yield() }
      await exchange.begin(attempt: next.attempt, members: 2, leaves: 2)
      let sum = try? await exchange.contribute([1..<2: [2]], rank: 0, to: next).elements(Float.self)
      let same = try? await early.elements(Float.self)
      #expect(sum == [3] && same == [3])
      group.cancelAll()
    }
  }

  @Test(arguments: [-1, 2, 1 << 40]) func whoIsNoMemberIsRefused(_ rank: Int) async throws {
    let exchange = GradientExchange()
    await exchange.begin(attempt: 1, members: 2, leaves: 2)
    let error = await #expect(throws: RemoteCallError.self) {
      try await exchange.contribute([0..<1: [1]], rank: rank, to: key())
    }
    #expect(error?.reason == .malformed)
  }

  @Test(.timeLimit(.minutes(1))) func whoIsNoMemberOfTheNextTeamDoesNotCount() async throws {
    let exchange = GradientExchange()
    let stranger = Task { try await exchange.contribute([0..<2: [7]], rank: 5, to: key()) }
    while await exchange.open == 0 { await Task.yield() }
    async let early = exchange.contribute([0..<1: [1]], rank: 1, to: key())
    await exchange.begin(attempt: 1, members: 2, leaves: 2)
    #expect(try await exchange.contribute([1..<2: [2]], rank: 0, to: key()).elements(Float.self) == [3])
    #expect(try await early.elements(Float.self) == [3])
    stranger.cancel()
    _ = await stranger.result
  }

  @Test(arguments: [[0], [0, 0], [1, 0], [-1, 2], [0, 2, 4, 8]] as [[Int32]])
  func aPartWhoseRunsMakeNoSenseIsNone(_ nodes: [Int32]) {
    var part = GradientPart(key: key(), rank: 0, nodes: [], sums: Bulk([1, 2, 3] as [Float]))
    part.nodes = nodes
    #expect(part.parts == nil)
  }
}
