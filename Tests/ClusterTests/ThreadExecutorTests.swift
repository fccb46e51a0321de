import ClusterFile
import Foundation
import Testing

@testable import Worker

@Suite(.timeLimit(.minutes(1))) struct ThreadExecutorTests {
  /// Counts; on two threads at a time it would count wrongly.
  private actor Counter {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    /// Whether the thread was one that was made ready, each time.
    private(set) var threads: Set<Bool> = []
    private(set) var count = 0

    init(_ executor: ThreadExecutor) { self.executor = executor }

    func add() {
      count += 1
      threads.insert(Thread.current.threadDictionary["ready"] != nil)
    }
  }

  @Test func whatComesAfterTheEndRunsAllTheSame() async {
    let executor = ThreadExecutor(name: "counter", setUp: { Thread.current.threadDictionary["ready"] = true })
    let counter = Counter(executor)
    await counter.add()
    await executor.end()
    await counter.add()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<1000 { group.addTask { await counter.add() } }
    }
    #expect(await counter.count == 1002)
    // Never on one of those that everybody shares.
    #expect(await counter.threads == [true])
  }

  /// Otherwise a worker would be taken out as one that hangs, as soon as its X is slow to answer from elsewhere.
  @Test func whoWaitsForOthersIsNotBusy() async throws {
    let compute = Compute(Blueprint.init)
    try await compute.prepare(ClusterFile(), begins: true, worker: "")
    let (begun, answered) = (AsyncStream.makeStream(of: Bool.self), AsyncStream.makeStream(of: Void.self))
    async let done: Void = compute.run { _ in
      begun.continuation.yield(compute.isBusy)
      for await _ in answered.stream {}
    }
    #expect(await begun.stream.first { _ in true } == true)
    while compute.isBusy { await Task.yield() }
    answered.continuation.finish()
    try await done
    await compute.end()
  }
}
