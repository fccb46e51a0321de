/// A process in the cluster: its name, and which of the processes that bore that name it is.
public struct NodeID: Hashable, Sendable, Codable, CustomStringConvertible {
  public let name: String
  /// Random; another for each start of a process.
  public let incarnation: UInt64

  public init(name: String, incarnation: UInt64 = .random(in: 1 ... .max)) {
    self.name = name
    self.incarnation = incarnation
  }

  /// `name#incarnation`, as it goes over the wire.
  public var description: String { "\(name)#\(String(incarnation, radix: 16))" }

  /// - Returns: nil if it is not written so.
  public init?(_ text: some StringProtocol) {
    // Names are shown on terminals and in pages.
    guard let mark = text.lastIndex(of: "#"), mark != text.startIndex, text.utf8.count <= 255,
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
      let incarnation = UInt64(text[text.index(after: mark)...], radix: 16)
    else { return nil }
    self.init(name: String(text[..<mark]), incarnation: incarnation)
  }
}

/// Where a distributed actor is, and under which name.
public struct ActorID: Hashable, Sendable, Codable, CustomStringConvertible {
  public let node: NodeID
  public let name: String

  public init(node: NodeID, name: String) {
    self.node = node
    self.name = name
  }

  public var description: String { "\(name) on \(node.name)" }
}
