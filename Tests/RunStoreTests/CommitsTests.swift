import Foundation
import GRDB
import Synchronization
import Testing

@testable import RunStore

/// Many who write at once.
final class CommitsTests: Sendable {
  private let path = NSTemporaryDirectory() + "grove-commits-\(UUID().uuidString).sqlite"

  deinit { for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) } }

  /// Counts what goes to the disk.
  private final class Counter: TransactionObserver, Sendable {
    let commits = Mutex(0)
    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { commits.withLock { $0 += 1 } }
    func databaseDidRollback(_ db: Database) {}
  }

  private final class Count: Sendable { let value = Mutex(0) }

  private func database() throws -> DatabasePool {
    let database = try DatabasePool(path: path)
    try database.write { try $0.execute(sql: "CREATE TABLE number (value INTEGER PRIMARY KEY)") }
    return database
  }

  private func values(_ database: DatabasePool) async throws -> [Int] {
    try await database.read { try Int.fetchAll($0, sql: "SELECT value FROM number ORDER BY value") }
  }

  @Test func thoseThatComeAtOnceShareACommitAndEachIsKeptWhole() async throws {
    let database = try database()
    let (commits, counter) = (Commits(database), Counter())
    database.add(transactionObserver: counter, extent: .databaseLifetime)
    // The disk is busy until all have come.
    let (gate, open) = AsyncStream.makeStream(of: Void.self)
    let isFree = DispatchSemaphore(value: 0)
    database.asyncWriteWithoutTransaction { _ in
      open.finish()
      isFree.wait()
    }
    for await _ in gate {}
    let came = Count()
    let writes = (0..<50).map { number in
      Task {
        came.value.withLock { $0 += 1 }
        try await commits.write { db in
          try db.execute(sql: "INSERT INTO number VALUES (?)", arguments: [number])
          // One in five fails after it has written something.
          if number.isMultiple(of: 5) { try db.execute(sql: "INSERT INTO number VALUES (?)", arguments: [number]) }
        }
      }
    }
    while came.value.withLock({ $0 }) < 50 { await Task.yield() }
    isFree.signal()
    var failed = 0
    for write in writes { if case .failure = await write.result { failed += 1 } }
    #expect(failed == 10)
    #expect(try await values(database) == (0..<50).filter { !$0.isMultiple(of: 5) })
    #expect(counter.commits.withLock { $0 } < 10)
  }

  @Test func whatIsBegunIsDoneThoughWhoWaitsIsCancelled() async throws {
    let database = try database()
    let commits = Commits(database)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await commits.write { try $0.execute(sql: "INSERT INTO number VALUES (1)") }
    }
    try await task.value
    #expect(try await values(database) == [1])
  }
}
