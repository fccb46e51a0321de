import ClusterFile
import Foundation

/// Who may do what, by a file with a line for each person: name, token and role.
///
/// A file that names nobody is refused: else it would let in whoever comes.
public struct People: Hashable, Sendable {
  public struct Person: Hashable, Sendable {
    public var name: String
    public var token: String
    public var role: AccessRole

    /// Whether their decisions and reviews count.
    public var mayDecide: Bool { role.rights.contains(.overseer) }
  }

  public private(set) var persons: [Person] = []

  private static let shortestToken = 12

  /// Nobody in particular.
  public init() {}

  /// - Parameters:
  ///   - text: lines “NAME TOKEN ROLE”; blank ones and those that begin with `#` are skipped.
  ///   - path: by which errors call it.
  /// - Throws: ``PeopleError`` with the line, or if there is none.
  public init(reading text: String, path: String) throws(PeopleError) {
    let roles = AccessRole.ofPeople.map(\.rawValue).joined(separator: ", ")
    for (number, parts) in WordLines(text) {
      func wrong(_ what: String) -> PeopleError { PeopleError(description: "\(path), line \(number): \(what)") }
      guard parts.count == 3 else {
        throw wrong("a line has a name, a token and a role (\(roles)), with spaces between them")
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
      guard let role = AccessRole(rawValue: parts[2]), AccessRole.ofPeople.contains(role) else {
        throw wrong("“\(parts[2].prefix(80))” is no role of a person; there is \(roles)")
      }
      persons.append(Person(name: parts[0], token: parts[1], role: role))
    }
    guard !persons.isEmpty else {
      throw PeopleError(
        description:
          "\(path) names nobody: a line for each person has a name, a token and a role (\(roles)); with "
          + "oversight.people_file: none, whoever reaches the dashboard from this machine gives a name")
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

  /// - Throws: ``PeopleError`` if people are needed, and nobody who is named may decide.
  public func checkOverseers(neededFor what: String) throws(PeopleError) {
    guard !persons.isEmpty, overseers.isEmpty else { return }
    throw PeopleError(
      description:
        "nobody could decide: \(what) needs people with the role overseer or admin, and oversight.people_file names "
        + "\(persons.map { "\($0.name) (\($0.role.rawValue))" }.joined(separator: ", "))")
  }

  /// Whether a text can name a person. `nobody` and `script` decide where people do not.
  public static func isName(_ text: String) -> Bool {
    text.wholeMatch(of: /[\p{L}\p{N}_\-]{1,32}/) != nil && text != Desk.nobody && text != "script"
  }
}

/// What is wrong with the file of people, as a sentence.
public struct PeopleError: Error, Hashable, CustomStringConvertible {
  public let description: String
}
