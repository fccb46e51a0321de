import Foundation

/// A file with a secret: a key, a token.
public enum SecretFile {
  /// Its text.
  ///
  /// - Parameters:
  ///   - key: of the configuration that names the file, for the error.
  ///   - secret: what is in it.
  /// - Throws: ``SecretError`` if it can't be read, or if others can read it, too.
  public static func read(_ path: String, for key: String, secret: String) throws(SecretError) -> String {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw SecretError("\(key): \(path) can't be read: is there such a file, of text?")
    }
    let facts = try? FileManager.default.attributesOfItem(atPath: path)
    let mode = facts?[.posixPermissions] as? Int ?? 0
    // One that is root's may be for a group, as those that systemd and Kubernetes hand to a service are.
    let isForGroup = facts?[.ownerAccountID] as? Int == 0 && geteuid() != 0
    guard mode & (isForGroup ? 0o037 : 0o077) == 0 else {
      throw SecretError("\(key): others can read the \(secret) in \(path); forbid it with chmod 600 \(path)")
    }
    return text
  }
}

/// Why a file with a secret is of no use, as a sentence.
public struct SecretError: Error, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
