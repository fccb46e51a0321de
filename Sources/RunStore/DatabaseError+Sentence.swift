import Foundation
import GRDB

extension DatabaseError {
  /// Why, for a person: without the statement, which is nothing that they could mend.
  var sentence: String {
    switch resultCode {
    case .SQLITE_FULL: String(cString: strerror(ENOSPC))
    case .SQLITE_READONLY, .SQLITE_PERM: "it, or its folder, may not be written"
    case .SQLITE_CANTOPEN: "it, or a file that belongs to it, can't be opened"
    case .SQLITE_BUSY, .SQLITE_LOCKED: "another process holds it"
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: "it is damaged, or is no journal"
    case .SQLITE_IOERR: "the disk does not do what it is told"
    default: message ?? "SQLite ends with code \(resultCode.rawValue)"
    }
  }
}
