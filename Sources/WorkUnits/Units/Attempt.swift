import Amplification

/// Has H′ try the questions that H could be asked, as H would be: the one of each context that is drawn, or, at depths above 1,
/// one of those that its amplification comes to.
public struct Attempt: WorkUnit, Hashable {
  public static let name = "attempt"

  public var questions: DecompositionQuestions
  public var choice: Choice

  public init(_ questions: DecompositionQuestions, _ choice: Choice) {
    self.questions = questions
    self.choice = choice
  }

  /// Which of the questions that an amplification comes to.
  public enum Choice: String, Sendable, Codable, Hashable {
    /// The one in which H′ doubts its own decisions most.
    case mostDoubted
    /// Any: where H′ is surely wrong shows only there.
    case any
  }

  /// How H′ decomposes a question, and how uncertain it is.
  public struct Decomposition: Sendable, Codable, Hashable {
    public var transcript: Transcript
    /// −log p of all that it decided.
    public var uncertainty: Float

    public init(transcript: Transcript, uncertainty: Float) {
      self.transcript = transcript
      self.uncertainty = uncertainty
    }
  }

  public func objection(to result: [Decomposition], by rules: ResultRules) -> String? {
    guard result.count == questions.contexts.count else {
      return "\(result.count) attempts at \(questions.contexts.count) questions"
    }
    return rules.first(result) {
      rules.objection(toLoss: Double($0.uncertainty)) ?? rules.objection(to: $0.transcript)
    }
  }
}
