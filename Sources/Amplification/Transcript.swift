/// One node of an amplification tree, flattened: Q, q₁, a₁, …, qₖ, aₖ, and, once decided, A.
///
/// It is all that an overseer sees of a question, and what the learned overseer H′ is trained on.
public struct Transcript: Hashable, Sendable, Codable {
  /// A sub-question with the answer that came back.
  public struct Step: Hashable, Sendable, Codable {
    public var question: Question
    public var answer: Answer

    public init(_ question: Question, _ answer: Answer) {
      self.question = question
      self.answer = answer
    }
  }

  public let question: Question
  public var steps: [Step] = []
  public var answer: Answer?

  public init(_ question: Question) {
    self.question = question
  }
}
