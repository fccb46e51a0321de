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
  private static let bits: [Token] = [1, 2]
  private static let star: Token = 3

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

  private func number(_ value: Int) -> Token { Self.star + 1 + Token(size + value) }

  private func value(of token: Token) -> Int? {
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
    guard isQuestion(question) else { return .unknown(length: 1) }
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
    guard isQuestion(question) else { return .answer(.unknown(length: 1)) }
    guard let first = question.tokens.firstIndex(of: Self.star) else {
      return transcript.steps.first.map { .answer($0.answer) } ?? .ask(question)
    }
    if transcript.steps.count < 2 {
      var part = question
      part.tokens[first] = Self.bits[transcript.steps.count]
      return .ask(part)
    }
    let values = transcript.steps.map { $0.answer.tokens.first.flatMap(value) }
    guard let a = values[0], let b = values[1], abs(a + b) <= size else { return .answer(.unknown(length: 1)) }
    return .answer(Answer([number(a + b)]))
  }

  public func difficulty(of question: Question, in context: Context) -> String {
    let count = question.tokens.count { $0 == Self.star }
    return count == 1 ? "1 wildcard" : "\(count) wildcards"
  }

  public func isQuestion(_ question: Question) -> Bool {
    question.tokens.count == Self.length && question.tokens.allSatisfy { (1...Self.star).contains($0) }
  }
}

// MARK: - Words

extension Wildcard {
  public var guide: String {
    """
    A fact f(010110)=1 is the value of f at one string of six characters; where no fact is, f is 0. A * stands for 0 or 1, \
    whichever. Take the first * of the pattern: ask the same with 0 in its place, then the same with 1. The sum of the two \
    answers is the answer, but ? if it is below -\(size) or above \(size): no sum is.
    """
  }

  public func meaning(of question: Question) -> String {
    guard isQuestion(question) else { return "no question" }
    let (pattern, stars) = (write(pattern: question.tokens), question.tokens.count { $0 == Self.star })
    return stars == 0
      ? "the value of f at \(pattern)"
      : "the sum of f over the \(1 << stars) strings that \(pattern) stands for, where * is 0 or 1"
  }
}

// MARK: - Notation

extension Wildcard {
  public var forms: [String] { ["sum f(0**1**)"] }

  private static let characters: [Character] = ["?", "0", "1", "*"]

  private func write(pattern: some Sequence<Token>) -> String {
    String(pattern.map { Self.characters.indices.contains(Int($0)) ? Self.characters[Int($0)] : "?" })
  }

  private func readPattern(_ text: Substring) -> [Token] {
    text.compactMap { Self.characters.firstIndex(of: $0).map(Token.init) }
  }

  public func write(fact: [Token]) -> String {
    "f(\(write(pattern: fact.dropLast())))=\(value(of: fact.last ?? 0).map(String.init) ?? "?")"
  }

  public func write(_ answer: Answer) -> String { answer.tokens.first.flatMap(value).map(String.init) ?? "?" }

  public func write(_ question: Question) -> String {
    isQuestion(question) ? "sum f(\(write(pattern: question.tokens)))" : Self.malformed(question)
  }

  public func readFact(_ text: String) throws -> [Token] {
    guard let match = text.wholeMatch(of: /f\(([01]{6})\)\s*=\s*(-1|1)/), let value = Int(match.2) else {
      throw NotationError("“\(text.prefix(80))” is no fact: a fact is written f(010110)=1 or f(010110)=-1")
    }
    return readPattern(match.1) + [number(value)]
  }

  public func readQuestion(_ text: String) throws -> Question {
    guard let match = text.trimmed.wholeMatch(of: /sum\s+f\(([01*]{6})\)/) else {
      throw NotationError(
        "“\(text.prefix(80))” is no question: a question is written sum f(0**1**), six characters out of 0, 1 and *")
    }
    return Question(readPattern(match.1))
  }

  public func checked(_ context: Context) throws -> Context {
    guard context.facts.count <= size else {
      throw NotationError("there are \(context.facts.count) facts; a context of this task has \(size) at most")
    }
    for (row, fact) in context.facts.enumerated()
    where context.facts[..<row].contains(where: { $0.dropLast() == fact.dropLast() }) {
      throw NotationError("f(\(write(pattern: fact.dropLast()))) is given twice")
    }
    return context
  }
}
