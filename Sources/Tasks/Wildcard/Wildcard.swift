import Amplification
import Randomness

/// Sums over patterns: given the strings on which f is −1 or 1 as facts `f(010110)=1`, what is `sum f(0**1**)`?
///
/// The sum is that of the pattern with its first wildcard read as 0, and as 1; a pattern without wildcards is looked up,
/// and is 0 if it is no fact. Tokens: `0`, `1`, `*`, then the numbers −size…size. A question is the pattern.
public struct Wildcard: TokenTask {
  public static let kind = TaskKind(
    "wildcard", "sums over patterns: sum f(0**1**), given every x with f(x) other than 0"
  ) { size, _ in Wildcard(size: size) }
  public var kind: TaskKind { Self.kind }

  /// Characters of a string.
  public static let length = 6
  static let bits: [Token] = [1, 2]
  static let star: Token = 3

  public let size: Int
  public let answerLength = 1
  public let mostSteps = 2
  public var factLength: Int { Self.length + 1 }
  public var questionLength: Int { Self.length }
  public var vocabulary: Int { Int(number(size)) + 1 }
  public var alphabets: [Alphabet] { [.names(1...Self.star), .numbers(number(-size)...number(size), from: -size)] }

  /// - Parameter size: strings that are facts, 4…64.
  public init(size: Int) {
    self.size = size
  }

  func number(_ value: Int) -> Token { Self.star + 1 + Token(size + value) }

  func value(of token: Token) -> Int? {
    let value = Int(token) - Int(number(0))
    return abs(value) <= size ? value : nil
  }

  public func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context {
    let strings = (0..<1 << Self.length).shuffled(using: &random).prefix(elements)
    return Context(
      facts: strings.map { string in
        let bits = (0..<Self.length).reversed().map { Self.bits[string >> $0 & 1] }
        return bits + [number(Bool.random(using: &random) ? 1 : -1)]
      })
  }

  /// A string, as likely a fact as any at all, in which a random number of characters, at least one, became wildcards.
  ///
  /// Were all strings as likely, nearly every sum of few terms would be 0.
  public func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question {
    var pattern = (0..<Self.length).map { _ in Self.bits[Int.random(in: 0...1, using: &random)] }
    if Bool.random(using: &random), let fact = context.facts.randomElement(using: &random) {
      pattern = Array(fact.prefix(Self.length))
    }
    let wildcards = Int.random(in: 1...Self.length, using: &random)
    for place in pattern.indices.shuffled(using: &random).prefix(wildcards) { pattern[place] = Self.star }
    return Question(pattern)
  }

  public func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard isQuestion(question) else { return .malformed }
    return question.tokens.contains(Self.star) ? .open : .primitive(truth(of: question, in: context))
  }

  public func truth(of question: Question, in context: Context) -> Answer {
    guard isQuestion(question) else { return unknown }
    let matching = context.facts.filter { fact in
      zip(question.tokens, fact).allSatisfy { $0 == Self.star || $0 == $1 }
    }
    return Answer([number(matching.reduce(0) { $0 + (value(of: $1.last ?? 0) ?? 0) })])
  }

  /// A number that a sum of so many terms may well be. Of any numbers at all, most pairs would add up to none.
  public func sampleAnswer(
    to question: Question, in context: Context, using random: inout CounterGenerator
  ) -> Answer {
    let terms = 1 << question.tokens.count { $0 == Self.star }
    let most = min(terms, size / 2)
    return Answer([number(Int.random(in: -most...most, using: &random))])
  }

  public func decide(_ transcript: Transcript) -> Decision {
    let question = transcript.question
    guard isQuestion(question) else { return .answer(unknown) }
    guard let first = question.tokens.firstIndex(of: Self.star) else {
      return transcript.steps.first.map { .answer($0.answer) } ?? .ask(question)
    }
    if transcript.steps.count < 2 {
      var part = question
      part.tokens[first] = Self.bits[transcript.steps.count]
      return .ask(part)
    }
    let values = transcript.steps.map { $0.answer.tokens.first.flatMap(value) }
    guard let a = values[0], let b = values[1], abs(a + b) <= size else { return .answer(unknown) }
    return .answer(Answer([number(a + b)]))
  }

  public func questionClass(of question: Question, in context: Context) -> String {
    let count = question.tokens.count { $0 == Self.star }
    return count == 1 ? "1 wildcard" : "\(count) wildcards"
  }

  public func isQuestion(_ question: Question) -> Bool {
    question.tokens.count == Self.length && question.tokens.allSatisfy { (1...Self.star).contains($0) }
  }
}
