/// One symbol of a task's vocabulary. 0 is always `?`: unknown, and the filler of short sequences.
public typealias Token = Int32

/// What is asked of a context, in the task's tokens.
public struct Question: Hashable, Sendable, Codable {
  public var tokens: [Token]

  public init(_ tokens: [Token]) {
    self.tokens = tokens
  }
}

/// What a question is answered with, in the task's tokens.
public struct Answer: Hashable, Sendable, Codable {
  public var tokens: [Token]

  public init(_ tokens: [Token]) {
    self.tokens = tokens
  }

  /// `?`: the answer to what is malformed or can't be answered.
  public static func unknown(length: Int) -> Answer {
    Answer([Token](repeating: 0, count: length))
  }

  /// Whether this is `?`.
  public var isUnknown: Bool { tokens.allSatisfy { $0 == 0 } }
}

/// The facts that a batch of questions is about, a row of tokens each.
public struct Context: Hashable, Sendable, Codable {
  public var facts: [[Token]]

  public init(facts: [[Token]]) {
    self.facts = facts
  }
}
