import Testing

@testable import Coordinator

/// Waiting, and what ends it.
@Suite(.timeLimit(.minutes(1)))
struct TogetherTests {
  private struct Failed: Error {}

  @Test func theFirstThatFailsEndsTheOthersHoweverLongTheyWait() async {
    let never = Signal()
    @Sendable func wait() async throws {
      await never.change()
      try Task.checkCancellation()
    }
    await #expect(throws: Failed.self) { try await together(wait, wait, { throw Failed() }) }
    await #expect(throws: Failed.self) { try await together({ throw Failed() }, wait, wait) }
  }

  @Test func whatComesOfEachComesBack() async throws {
    let (a, b, c) = try await together({ 1 }, { "two" }, { [3.0] })
    #expect(a == 1 && b == "two" && c == [3])
  }

  @Test func whoWaitsIsWokenByTimeByANewsOrByBeingCancelled() async {
    let signal = Signal()
    await signal.change(within: .milliseconds(1))
    let waiting = Task { await signal.change() }
    waiting.cancel()
    await waiting.value
    let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
    let told = Task {
      beginning.yield()
      await signal.change()
    }
    for await _ in begun.prefix(1) {}
    let bell = Task { while !Task.isCancelled { signal.notify(); await Task.yield() } }
    await told.value
    bell.cancel()
  }
}
