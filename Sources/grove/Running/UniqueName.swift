import Foundation

/// Names by default. Process ids are not unique: another host has the same, and so has every container, whose program is
/// process 1; and hosts, too, may have one name, and copies of one machine everything else.
package enum UniqueName {
  /// `worker-node7-1b2c3d4e`: readable, valid as a node's name, and nobody else's.
  package static func of(_ kind: String) -> String {
    "\(kind)-\(host)-\(String(format: "%08x", UInt32.random(in: 0 ... .max)))"
  }

  /// The first part of this machine's name, with only what names may have.
  private static let host = String(
    ProcessInfo.processInfo.hostName.prefix { $0 != "." }.prefix(40).map { character in
      character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
    })
}
