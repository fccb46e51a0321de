/// What the owner of a key, or of a token, may be and do in a cluster.
public enum Role: String, Hashable, Sendable, Codable, CaseIterable {
  /// Runs the rounds; may be and do everything.
  case coordinator
  /// Works, and talks to other workers.
  case worker
  /// Looks at everything.
  case viewer
  /// Decides and reviews, too.
  case overseer
  /// Stops runs and sends workers away, too.
  case admin

  /// Those that people have.
  public static let ofPeople: [Role] = [.viewer, .overseer, .admin]

  /// The roles whose rights it has, its own among them.
  public var rights: Set<Role> {
    switch self {
    case .coordinator: Set(Role.allCases)
    case .worker: [.worker]
    case .viewer: [.viewer]
    case .overseer: [.viewer, .overseer]
    case .admin: [.viewer, .overseer, .admin]
    }
  }
}

/// A text of lines, each of some words: what files of keys and of people are made of.
public struct WordLines: Sequence {
  private let text: String

  public init(_ text: String) { self.text = text }

  /// The lines with their numbers, which begin with 1; blank ones and those that begin with `#` are left out.
  public func makeIterator() -> AnyIterator<(number: Int, words: [String])> {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().makeIterator()
    return AnyIterator {
      while let (index, line) = lines.next() {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        if let first = words.first, !first.hasPrefix("#") { return (index + 1, words) }
      }
      return nil
    }
  }
}
