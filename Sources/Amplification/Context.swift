/// What a batch of questions is about: the facts of an algorithmic task, a row of tokens each, or the passages of a text.
public struct Context: Hashable, Sendable {
  public var facts: [[Token]]
  public var passages: [String]

  public init(facts: [[Token]]) {
    self.facts = facts
    passages = []
  }

  public init(passages: [String]) {
    facts = []
    self.passages = passages
  }

  /// Whether there is nothing in it: what is asked says itself all that there is to know.
  public var isEmpty: Bool { facts.isEmpty && passages.isEmpty }

  /// Facts and passages alike, in order.
  public var contents: [Content] { facts.map(Content.tokens) + passages.map(Content.text) }
}

extension Context: Codable {
  private enum CodingKeys: CodingKey { case facts, passages }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    facts = try container.decodeIfPresent([[Token]].self, forKey: .facts) ?? []
    passages = try container.decodeIfPresent([String].self, forKey: .passages) ?? []
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if !facts.isEmpty || passages.isEmpty { try container.encode(facts, forKey: .facts) }
    if !passages.isEmpty { try container.encode(passages, forKey: .passages) }
  }
}
