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
}
