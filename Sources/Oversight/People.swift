import ClusterFile
import Foundation

/// Who may do what, by a file with a line for each person: name, token and role.
public struct People: Hashable, Sendable {
  public struct Person: Hashable, Sendable {
    public var name: String
    public var token: String
    public var role: Role

    /// Whether their decisions and reviews count.
    public var mayDecide: Bool { role.rights.contains(.overseer) }
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
    let roles = Role.ofPeople.map(\.rawValue).joined(separator: ", ")
    for (number, parts) in WordLines(text) {
      func wrong(_ what: String) -> PeopleError { PeopleError(description: "\(path), line \(number): \(what)") }
      guard (2...3).contains(parts.count) else {
        throw wrong("a line has a name, a token and perhaps a role (\(roles)), with spaces between them")
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
      guard let role = Role(rawValue: parts.count == 3 ? parts[2] : Role.overseer.rawValue),
        Role.ofPeople.contains(role)
      else {
        throw wrong("“\(parts[2].prefix(80))” is no role of a person; there is \(roles)")
      }
      persons.append(Person(name: parts[0], token: parts[1], role: role))
    }
  }

  /// Reads the file. - Throws: ``PeopleError``, also if everybody on this machine could read the tokens.
  public init(path: String) throws(PeopleError) {
    let text: String
    do {
      text = try SecretFile.read(path, for: "oversight.people_file", secret: "tokens")
    } catch {
      throw PeopleError(description: error.description)
    }
    try self.init(reading: text, path: path)
  }

  /// Those who may decide.
  public var overseers: [Person] { persons.filter(\.mayDecide) }

  /// Whether a text can name a person. `nobody` and `script` decide where people do not.
  public static func isName(_ text: String) -> Bool {
    text.wholeMatch(of: /[\p{L}\p{N}_\-]{1,32}/) != nil && text != Desk.nobody && text != "script"
  }
}

/// What is wrong with the file of people, as a sentence.
public struct PeopleError: Error, Hashable, CustomStringConvertible {
  public let description: String
}
