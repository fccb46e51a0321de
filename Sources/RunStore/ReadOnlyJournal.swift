import Foundation
import GRDB

/// A journal that is only looked at.
///
/// SQLite reads a journal in WAL mode together with what lies in `-wal` beside it, and needs to write there to find out
/// what that is, unless a writer that is alive has done so. Where nothing can be written, a journal without such a file, or
/// with an empty one, is whole as it is; of any other, a copy is looked at.
struct ReadOnlyJournal {
  let database: DatabaseQueue
  /// Where the copy is; nil: there is none.
  let copy: TemporaryFolder?

  init(path: String) throws {
    do {
      (database, copy) = (try Self.open(path), nil)
    } catch let error as DatabaseError
      where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode.primaryResultCode)
    {
      let log = "\(path)-wal"
      let isWhole = (try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int) ?? 0 == 0
      if isWhole, let database = try? Self.open(Self.immutable(path)) {
        (self.database, copy) = (database, nil)
        return
      }
      let folder = try TemporaryFolder()
      let place = folder.url.appendingPathComponent("journal.sqlite").path
      try FileManager.default.copyItem(atPath: path, toPath: place)
      if !isWhole { try FileManager.default.copyItem(atPath: log, toPath: "\(place)-wal") }
      // Copies are as little writable as what they were made of.
      for file in [place, "\(place)-wal"] { chmod(file, 0o600) }
      var configuration = Configuration()
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF") }
      (database, copy) = (try Self.open(place, configuration), folder)
    }
  }

  private static func open(_ path: String, _ given: Configuration? = nil) throws -> DatabaseQueue {
    var configuration = given ?? Configuration()
    configuration.readonly = given == nil
    configuration.busyMode = .timeout(Journal.patience)
    let database = try DatabaseQueue(path: path, configuration: configuration)
    guard try database.read({ try $0.tableExists("checkpoint") }) else {
      throw RunStoreError("it is empty, or is no journal: nothing of the run is in it")
    }
    return database
  }

  /// The address of a file that nobody changes, as SQLite understands it where it was built with `SQLITE_USE_URI`.
  private static func immutable(_ path: String) -> String {
    let path = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
    return "file:\(path)?immutable=1"
  }
}

/// A folder that is there for as long as this is.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("grove-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}
