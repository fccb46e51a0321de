import Amplification
import Randomness

/// A task whose questions and answers are texts that say all there is to know: what language models learn.
public protocol TextTask: TaskDefinition {
  /// The questions that nobody takes apart: what people teach X first, if they teach it all that it needs.
  var leaves: [Question] { get }
  /// Characters in a question at most.
  var longestQuestion: Int { get }

  /// What a model wrote to a question, as an answer; `?` if it is none that the question can have.
  func answer(written text: String, to question: Question) -> Answer
}

extension TextTask {
  public var unknown: Answer { .unknownText }

  public func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context { Context(passages: []) }

  public func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question {
    sampleQuestion(about: context, elements: size, isHeldOut: false, using: &random)
  }

  public func isOfKind(_ answer: Answer, askedBy question: Question) -> Bool {
    answer.isUnknown || !self.answer(written: answer.content.text ?? "", to: question).isUnknown
  }

  // MARK: Notation

  public func write(_ context: Context) -> [String] { context.passages }
  public func write(_ question: Question) -> String { question.content.text ?? "malformed" }
  public func write(_ answer: Answer) -> String { answer.isUnknown ? "?" : answer.content.text ?? "malformed" }

  public func readContext(_ text: String) throws -> Context {
    let facts = text.split(whereSeparator: \.isNewline).map(\.trimmed).filter { !$0.isEmpty && !$0.hasPrefix("#") }
    guard let fact = facts.first(where: { $0 != "\u{FEFF}" }) else { return Context(passages: []) }
    throw NotationError(
      "“\(fact.prefix(80))” is too much: questions of the task \(kind.name) are about no facts but what they say themselves"
    )
  }

  // MARK: What can be

  public func objection(to question: Question) -> String? {
    guard let text = question.content.text, text.unicodeScalars.count <= longestQuestion else {
      return "a question that is none"
    }
    return nil
  }

  public func objection(to context: Context) -> String? { context.isEmpty ? nil : "a context that is none" }
}
