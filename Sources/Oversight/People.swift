import Foundation

/// Who may do what, by a file with a line for each person: name, token and role.
public struct People: Hashable, Sendable {
  /// What a person may do.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    /// Look at everything.
    case viewer
    /// Decide and review, too.
    case overseer
  }

  public struct Person: Hashable, Sendable {
    public var name: String
    public var token: String
    public var role: Role
  }

  public private(set) var persons: [Person] = []

  private static let shortestToken = 12

  /// Nobody in particular.
  public init() {}

  /// - Parameters:
  ///   - text: lines “NAME TOKEN” or “NAME TOKEN ROLE”; blank ones and those that begin with `#` are skipped.
  ///   - path: by which errors call it.
  /// - Throws: ``PeopleError`` with the line.
  public init(reading text: String, path: String) throws(PeopleError) {
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let parts = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let first = parts.first, !first.hasPrefix("#") else { continue }
      func wrong(_ what: String) -> PeopleError { PeopleError(description: "\(path), line \(number + 1): \(what)") }
      guard (2...3).contains(parts.count) else {
        throw wrong("a line has a name, a token and perhaps a role (viewer or overseer), with spaces between them")
      }
      guard Self.isName(parts[0]) else {
        throw wrong("“\(parts[0].prefix(80))” can't be a name: letters, digits, - and _ are allowed, 32 at most")
      }
      guard !persons.contains(where: { $0.name == parts[0] }) else { throw wrong("\(parts[0]) is there twice") }
      guard parts[1].count >= Self.shortestToken else {
        throw wrong("the token of \(parts[0]) is too short: it needs \(Self.shortestToken) characters or more")
      }
      guard !persons.contains(where: { $0.token == parts[1] }) else {
        throw wrong("the token of \(parts[0]) is somebody else's, too")
      }
      guard let role = Role(rawValue: parts.count == 3 ? parts[2] : Role.overseer.rawValue) else {
        throw wrong("“\(parts[2].prefix(80))” is no role; there is viewer and overseer")
      }
      persons.append(Person(name: parts[0], token: parts[1], role: role))
    }
  }

  /// Reads the file. - Throws: ``PeopleError``, also if everybody on this machine could read the tokens.
  public init(path: String) throws(PeopleError) {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw PeopleError(description: "oversight.people_file: \(path) can't be read: is there such a file, of text?")
    }
    let mode = (try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int) ?? 0
    guard mode & 0o077 == 0 else {
      throw PeopleError(
        description: "oversight.people_file: others can read the tokens in \(path); forbid it with chmod 600 \(path)")
    }
    try self.init(reading: text, path: path)
  }

  /// Those who may decide.
  public var overseers: [Person] { persons.filter { $0.role == .overseer } }

  /// Whether a text can name a person. `nobody` and `script` decide where people do not.
  public static func isName(_ text: String) -> Bool {
    text.wholeMatch(of: /[\p{L}\p{N}_\-]{1,32}/) != nil && text != Desk.nobody && text != "script"
  }
}

/// What is wrong with the file of people, as a sentence.
public struct PeopleError: Error, Hashable, CustomStringConvertible {
  public let description: String
}
