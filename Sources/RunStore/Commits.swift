import GRDB
import Synchronization

/// Writes to a database, from many tasks at once: those that come while the disk is busy share one transaction, so that all
/// wait for one sync of it.
///
/// Each takes effect whole or not at all, in the order in which they came. What is begun is done, also if the task that
/// waits for it is cancelled.
final class Commits: Sendable {
  /// Does one, unless there is no transaction to do it in.
  private typealias Write = @Sendable (Result<Database, any Error>) -> Done

  private struct Done: Sendable {
    /// Why it has no effect.
    let error: (any Error)?
    /// Tells who waits, once all is on the disk or, for a reason, is not.
    let tell: @Sendable ((any Error)?) -> Void
  }

  private let database: any DatabaseWriter & Sendable
  private let waiting = Mutex<[Write]>([])

  init(_ database: any DatabaseWriter & Sendable) {
    self.database = database
  }

  /// - Returns: what `body` did, when it is on the disk.
  func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let write: Write = { database in
        do {
          let value = try Self.whole(body, in: database.get())
          return Done(error: nil) { continuation.resume(with: $0.map(Result.failure) ?? .success(value)) }
        } catch {
          return Done(error: error) { _ in continuation.resume(throwing: error) }
        }
      }
      let isFirst = waiting.withLock { waiting in
        waiting.append(write)
        return waiting.count == 1
      }
      if isFirst { database.asyncWriteWithoutTransaction { self.commit(in: $0) } }
    }
  }

  private static func whole<Value>(_ body: (Database) throws -> Value, in database: Database) throws -> Value {
    var value: Value?
    try database.inSavepoint {
      value = try body(database)
      return .commit
    }
    guard let value else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
    return value
  }

  private func commit(in database: Database) {
    let writes = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    var done: [Done] = []
    var failure: (any Error)?
    do {
      try database.inTransaction(.immediate) {
        for write in writes where database.isInsideTransaction { done.append(write(.success(database))) }
        // For some errors, such as a full disk, SQLite takes back the whole transaction.
        guard database.isInsideTransaction else {
          throw done.last?.error ?? DatabaseError(resultCode: .SQLITE_ABORT)
        }
        return .commit
      }
    } catch {
      failure = error
    }
    if let failure { done += writes.dropFirst(done.count).map { $0(.failure(failure)) } }
    for done in done { done.tell(failure) }
  }
}
