import Amplification
import Randomness

@testable import Tasks

/// The largest so far: given the values of places, `x(3)=7`, what is the `highest 3` of those up to a place?
///
/// Tokens: two kinds of question, the places, the values 0…9. A fact is (place, value), a question its kind
/// and a place.
public struct Maximum: TokenTask {
  public static let kind = TaskKind(
    "maximum", "the largest value up to a place: highest 3, given x(3)=7"
  ) { size, _ in Maximum(size: size) }
  public var kind: TaskKind { Self.kind }

  enum Asking: Token {
    case highest = 1, x
  }

  public let size: Int
  public let factLength = 2
  public let answerLength = 1
  public let mostSteps = 2
  public var questionLength: Int { grammar.questionLength }
  public var vocabulary: Int { Int(value(9)) + 1 }
  public var alphabets: [Alphabet] {
    [.numbers(value(0)...value(9), from: 0), .numbers(places.all, from: 1)]
  }

  private let places: TokenRun
  private let grammar: Grammar<Asking>

  /// - Parameter size: elements, 4…64.
  public init(size: Int) {
    self.size = size
    let places = TokenRun(first: Asking.x.rawValue + 1, count: size) {
      "“\($0)” is no place: places are 1 to \($1)"
    }
    self.places = places
    // How questions are written: `_` stands for a number.
    grammar = Grammar(
      [.init(.highest, "highest _", places), .init(.x, "x _", places)],
      allowed: "questions are written highest 3 or x 3")
  }

  // Tokens, and back.
  private func value(_ value: Int) -> Token { places.end + Token(value) }

  private func valueOf(_ token: Token) -> Int? {
    (value(0)...value(9)).contains(token) ? Int(token - value(0)) : nil
  }

  private func parts(of question: Question) -> (kind: Asking, number: Int)? {
    grammar.parts(of: question).map { ($0.kind, places.index(of: $0.first) + 1) }
  }

  /// What the facts say of a place.
  private func known(_ number: Int, in context: Context) -> Int? {
    context.facts.first { $0[0] == places[number] }.flatMap { valueOf($0[1]) }
  }

  public func isQuestion(_ question: Question) -> Bool { grammar.isQuestion(question) }

  // MARK: Sampling

  public func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context {
    Context(facts: (1...elements).map { [places[$0], value(Int.random(in: 0...9, using: &random))] })
  }

  /// Every place is as likely.
  public func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question {
    let number = Int.random(in: 1...context.facts.count, using: &random)
    return grammar.question(.highest, places[number])
  }

  // MARK: What is so

  public func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard let (kind, number) = parts(of: question), let known = known(number, in: context) else { return .malformed }
    switch kind {
    case .highest: return .open
    case .x: return .primitive(Answer([value(known)]))
    }
  }

  public func truth(of question: Question, in context: Context) -> Answer {
    guard let (kind, number) = parts(of: question), let known = known(number, in: context) else {
      return unknown
    }
    switch kind {
    case .highest: return Answer([value(context.facts.prefix(number).compactMap { valueOf($0[1]) }.max() ?? 0)])
    case .x: return Answer([value(known)])
    }
  }

  public func questionClass(of question: Question, in context: Context) -> String {
    guard let (kind, number) = parts(of: question) else { return "other" }
    return "\(kind) of \(number)"
  }

  // MARK: How it is taken apart

  public func decide(_ transcript: Transcript) -> Decision {
    guard let (kind, number) = parts(of: transcript.question) else { return .answer(unknown) }
    let here = transcript.question.tokens[1]
    // What the sub-questions so far were answered; nil for an answer that is ? or no value.
    let heard = transcript.steps.map { $0.answer.tokens.first.flatMap(valueOf) }
    // A look-up is asked as it stands, should anybody ask for it to be taken apart.
    guard kind == .highest else {
      return heard.isEmpty
        ? .ask(transcript.question) : heard[0].map { .answer(Answer([value($0)])) } ?? .answer(unknown)
    }
    switch heard.count {
    case 0: return .ask(grammar.question(.x, here))
    case 1 where number > 1: return .ask(grammar.question(.highest, here - 1))
    default: break
    }
    guard let value = heard[0], let below = heard.count > 1 ? heard[1] : value else { return .answer(unknown) }
    return .answer(Answer([self.value(max(value, below))]))
  }
}

// MARK: - Words

extension Maximum {
  public var guide: String {
    "A fact x(3)=7 says that the value of place 3 is 7. Of highest 3, ask x 3, then highest 2; the larger one is the answer."
  }

  public func meaning(of question: Question) -> String {
    guard let (kind, number) = parts(of: question) else { return "no question" }
    switch kind {
    case .highest: return "the largest of the values of the places up to \(number)"
    case .x: return "the value of place \(number)"
    }
  }
}

// MARK: - Notation

extension Maximum {
  public var forms: [String] { ["highest 3", "x 3"] }

  public func write(fact: [Token]) -> String {
    "x(\(places.write(fact[0])))=\(valueOf(fact[1]) ?? 0)"
  }

  public func write(_ answer: Answer) -> String {
    answer.tokens.first.flatMap(valueOf).map(String.init) ?? "?"
  }

  public func write(_ question: Question) -> String { grammar.write(question) ?? Self.malformed(question) }

  public func readFact(_ text: String) throws -> [Token] {
    guard let match = text.wholeMatch(of: /x\(\s*(\d+)\s*\)\s*=\s*(\d+)/), let known = Int(match.2),
      (0...9).contains(known)
    else { throw NotationError("“\(text.prefix(80))” is no fact: a fact is written x(3)=7") }
    return [try places.read(match.1), value(known)]
  }

  public func readQuestion(_ text: String) throws -> Question { try grammar.read(text) }

  public func checked(_ context: Context) throws -> Context {
    guard !context.facts.isEmpty else { throw NotationError("a context has at least one fact, such as x(1)=7") }
    for (row, fact) in context.facts.enumerated() where fact[0] != places[row + 1] {
      throw NotationError("line “\(write(fact: fact))” should tell of place \(row + 1): places go up from 1 by one")
    }
    return context
  }
}
