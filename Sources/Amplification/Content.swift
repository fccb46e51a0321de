/// One symbol of a task's vocabulary. 0 is always `?`: unknown, and the filler of short sequences.
public typealias Token = Int32

/// What a question or an answer is made of: tokens of an algorithmic task, or text.
public enum Content: Hashable, Sendable {
  case tokens([Token])
  case text(String)

  /// The tokens; of a text, none.
  public var tokens: [Token] {
    if case .tokens(let tokens) = self { tokens } else { [] }
  }

  /// The text; nil of tokens.
  public var text: String? {
    if case .text(let text) = self { text } else { nil }
  }
}

extension Content: Codable {
  private enum CodingKeys: CodingKey { case tokens, text }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let text = try container.decodeIfPresent(String.self, forKey: .text) {
      self = .text(text)
    } else {
      self = .tokens(try container.decode([Token].self, forKey: .tokens))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .tokens(let tokens): try container.encode(tokens, forKey: .tokens)
    case .text(let text): try container.encode(text, forKey: .text)
    }
  }
}

/// What is asked of a context.
public struct Question: Hashable, Sendable {
  public var content: Content

  public init(_ content: Content) { self.content = content }
  public init(_ tokens: [Token]) { content = .tokens(tokens) }
  public init(text: String) { content = .text(text) }

  /// Its tokens; of a text, none.
  public var tokens: [Token] {
    get { content.tokens }
    set { content = .tokens(newValue) }
  }
}

extension Question: Codable {
  public init(from decoder: any Decoder) throws { content = try Content(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try content.encode(to: encoder) }
}

/// What a question is answered with.
public struct Answer: Hashable, Sendable {
  public var content: Content

  public init(_ content: Content) { self.content = content }
  public init(_ tokens: [Token]) { content = .tokens(tokens) }
  public init(text: String) { content = .text(text) }

  /// Its tokens; of a text, none.
  public var tokens: [Token] {
    get { content.tokens }
    set { content = .tokens(newValue) }
  }

  /// `?` in tokens: the answer to what is malformed or can't be answered.
  public static func unknown(length: Int) -> Answer {
    Answer([Token](repeating: 0, count: length))
  }

  /// `?` as a text.
  public static let unknownText = Answer(text: "")

  /// Whether this is `?`.
  public var isUnknown: Bool {
    switch content {
    case .tokens(let tokens): tokens.allSatisfy { $0 == 0 }
    case .text(let text): text.isEmpty
    }
  }
}

extension Answer: Codable {
  public init(from decoder: any Decoder) throws { content = try Content(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try content.encode(to: encoder) }
}
