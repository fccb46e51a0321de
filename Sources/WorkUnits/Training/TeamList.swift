import ActorCluster

/// A member of a team of workers that train together.
public struct TeamMember: Sendable, Codable, Hashable {
  public var node: NodeID
  /// Where the others reach it.
  public var endpoint: String

  public init(node: NodeID, endpoint: String) {
    self.node = node
    self.endpoint = endpoint
  }
}

/// All members of a team in the order of their ranks, written down once for all who are told: said to each anew, they would
/// be the square of their number.
public struct TeamList: Sendable, Codable {
  /// A line for each: its node, a space, and its endpoint.
  private let lines: Bulk

  public init(_ members: [TeamMember]) {
    lines = Bulk(Array(members.map { "\($0.node) \($0.endpoint)\n" }.joined().utf8))
  }

  /// nil if a line is none.
  public var members: [TeamMember]? {
    let text = lines.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    let members = text.split(separator: "\n").compactMap { line -> TeamMember? in
      let words = line.split(separator: " ", maxSplits: 1)
      guard words.count == 2, let node = NodeID(words[0]) else { return nil }
      return TeamMember(node: node, endpoint: String(words[1]))
    }
    return members.count == text.count { $0 == "\n" } ? members : nil
  }
}
