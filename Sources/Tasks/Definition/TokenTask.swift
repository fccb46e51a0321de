import Amplification
import Randomness

/// A task whose facts, questions and answers are rows of tokens, of one length each: what Grove's own networks learn.
///
/// Tokens run from 0 (`?`) to `vocabulary - 1`.
public protocol TokenTask: TaskDefinition {
  var vocabulary: Int { get }
  /// The runs of tokens that stand for things of one kind; no two overlap.
  var alphabets: [Alphabet] { get }
  /// Tokens in a fact.
  var factLength: Int { get }
  /// Tokens in a question.
  var questionLength: Int { get }
  /// Tokens in an answer.
  var answerLength: Int { get }

  /// The alphabet of the answers to a question, by which those that are written alike are told apart; nil: it is no question.
  /// By default, that of the answer where there are no facts.
  func answers(to question: Question) -> Alphabet?

  /// The notation of people for a fact, and back. Reading throws ``NotationError``.
  func write(fact: [Token]) -> String
  func readFact(_ text: String) throws -> [Token]
  /// The context that people wrote, if its facts belong together; throws ``NotationError`` otherwise.
  func checked(_ context: Context) throws -> Context
}

// MARK: - Kinds of tokens

extension TokenTask {
  public func answers(to question: Question) -> Alphabet? {
    let none = truth(of: question, in: Context(facts: [])).tokens.first ?? 0
    return alphabets.first { $0.tokens.contains(none) }
  }

  public func isOfKind(_ answer: Answer, askedBy question: Question) -> Bool {
    guard let token = answer.tokens.first, token != 0, let kind = answers(to: question) else { return true }
    return kind.tokens.contains(token)
  }

  /// By default, of the truth's alphabets.
  public func sampleAnswer(
    to question: Question, in context: Context, using random: inout CounterGenerator
  ) -> Answer {
    Answer(truth(of: question, in: context).tokens.map { another($0, using: &random) })
  }

  public func mistake(for decision: Decision, using random: inout CounterGenerator) -> Decision {
    switch decision {
    case .ask(let question):
      guard isQuestion(question) else { return decision }
      var other = question
      repeat { other.tokens = question.tokens.map { another($0, using: &random) } } while !isQuestion(other)
      return .ask(other)
    case .answer(let answer): return .answer(Answer(answer.tokens.map { another($0, using: &random) }))
    }
  }

  /// A random token of the same alphabet, perhaps the same.
  private func another(_ token: Token, using random: inout CounterGenerator) -> Token {
    alphabets.first { $0.tokens.contains(token) }?.sample(using: &random) ?? token
  }

  /// Of every token the number that it stands for, if it does.
  public var numbers: [Int?] {
    var numbers = [Int?](repeating: nil, count: vocabulary)
    for alphabet in alphabets {
      guard let first = alphabet.firstNumber else { continue }
      for (offset, token) in alphabet.tokens.enumerated() { numbers[Int(token)] = first + offset }
    }
    return numbers
  }
}

// MARK: - What is well-formed

extension TokenTask {
  public var unknown: Answer { .unknown(length: answerLength) }

  public func objection(to question: Question) -> String? {
    isWellFormed(question.tokens, length: questionLength) ? nil : "a question that is none"
  }

  public func objection(to answer: Answer) -> String? {
    isWellFormed(answer.tokens, length: answerLength) ? nil : "an answer that is none"
  }

  public func objection(to context: Context) -> String? {
    context.facts.allSatisfy { isWellFormed($0, length: factLength) } ? nil : "a context that is none"
  }

  private func isWellFormed(_ tokens: [Token], length: Int) -> Bool {
    let vocabulary = Token(vocabulary)
    return tokens.count == length && tokens.allSatisfy { $0 >= 0 && $0 < vocabulary }
  }
}
