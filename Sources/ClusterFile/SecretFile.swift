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
    // What is looked at is what is read: the file itself, also behind links as Kubernetes lays them, whose own mode says
    // nothing.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw SecretError("\(key): \(path) can't be read: \(String(cString: strerror(errno)))")
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, let data = try? handle.readToEnd() ?? Data(),
      let text = String(data: data, encoding: .utf8)
    else {
      throw SecretError("\(key): \(path) can't be read: is it a file, of text?")
    }
    guard facts.st_mode & forbidden(of: facts.st_uid) == 0 else {
      throw SecretError(
        "\(key): others can read the \(secret) in \(path); forbid it with chmod 600 \(path.shellQuoted)")
    }
    return text
  }

  /// The first line of such a text that is not blank, without spaces around it; empty if there is none.
  public static func firstLine(of text: String) -> String {
    WordLines.lines(text).lazy.map { $0.trimmingCharacters(in: .whitespaces) }.first { !$0.isEmpty } ?? ""
  }

  /// The bits of a mode that must not be set. A file of root's may be read by a group, as those that systemd and Kubernetes
  /// hand to a service are.
  private static func forbidden(of owner: uid_t) -> mode_t { owner == 0 ? 0o037 : 0o077 }
}

/// Why a file with a secret is of no use, as a sentence.
public struct SecretError: Error, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
