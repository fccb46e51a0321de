import Amplification
import Randomness

/// Long addition: given the digits of two numbers by place, `a(3)=7` and `b(3)=5`, what are the `carry 3` into place 4 and
/// the `digit 3` of their sum?
///
/// Both follow from the two digits and the carry of the place before; so do people add, and so is arithmetic taken apart
/// in the literature on factored cognition. Tokens: four kinds of question, the digits 0…9, the places. A fact is (place,
/// digit of a, digit of b), a question its kind and a place.
public struct Digits: TokenTask {
  public static let kind = TaskKind(
    "digits", "long addition by places: digit 3 and carry 3 of a+b, given a,b(3)=7,5"
  ) { size, _ in Digits(size: size) }
  public var kind: TaskKind { Self.kind }

  enum Asking: Token {
    case digit = 1, carry, first, second
  }

  public let size: Int
  public let factLength = 3
  public let answerLength = 1
  public let mostSteps = 3
  public var questionLength: Int { grammar.questionLength }
  public var vocabulary: Int { Int(places.end) }
  public var alphabets: [Alphabet] {
    [.numbers(digit(0)...digit(9), from: 0), .numbers(places.all, from: 1)]
  }

  let places: TokenRun
  let grammar: Grammar<Asking>

  /// - Parameter size: places, 4…64.
  public init(size: Int) {
    self.size = size
    let places = TokenRun(first: Self.digit(9) + 1, count: size) { "“\($0)” is no place: places are 1 to \($1)" }
    self.places = places
    grammar = Grammar(
      [
        .init(.digit, "digit _", places), .init(.carry, "carry _", places), .init(.first, "a _", places),
        .init(.second, "b _", places),
      ], allowed: "questions are written digit 3, carry 3, a 3 or b 3")
  }

  private static func digit(_ value: Int) -> Token { Asking.second.rawValue + 1 + Token(value) }
  func digit(_ value: Int) -> Token { Self.digit(value) }

  func value(of token: Token) -> Int? {
    (digit(0)...digit(9)).contains(token) ? Int(token - digit(0)) : nil
  }

  func number(of token: Token) -> Int? {
    places.contains(token) ? places.index(of: token) + 1 : nil
  }

  /// Every other pair of digits adds up to 9, which passes a carry on: else nearly all chains of carries were short.
  public func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context {
    Context(
      facts: (1...elements).map { number in
        let a = Int.random(in: 0...9, using: &random)
        let b = Bool.random(using: &random) ? 9 - a : Int.random(in: 0...9, using: &random)
        return [places[number], digit(a), digit(b)]
      })
  }

  /// A digit or a carry of a place to which the chain is as long as any of those that occur, each length as likely.
  public func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question {
    let kind = Bool.random(using: &random) ? Asking.digit : .carry
    var byChain: [Int: [Token]] = [:]
    for fact in context.facts {
      byChain[chain(to: grammar.question(kind, fact[0]), in: context) ?? 0, default: []].append(fact[0])
    }
    guard let length = byChain.keys.sorted().randomElement(using: &random),
      let place = byChain[length]?.randomElement(using: &random)
    else { return grammar.question(kind, places[1]) }
    return grammar.question(kind, place)
  }

  private func digits(at number: Int, in context: Context) -> (a: Int, b: Int)? {
    guard let fact = context.facts.first(where: { $0[0] == places[number] }), let a = value(of: fact[1]),
      let b = value(of: fact[2])
    else { return nil }
    return (a, b)
  }

  /// Places below the one asked about that its answer depends on.
  private func chain(to question: Question, in context: Context) -> Int? {
    guard let (kind, number) = parts(of: question), kind == .digit || kind == .carry else { return nil }
    // A carry depends on the places below while they pass one on; a digit on the carry into it.
    var below = kind == .digit ? number - 1 : number
    while below >= 1, let (a, b) = digits(at: below, in: context), a + b == 9 { below -= 1 }
    return number - max(below, 1)
  }

  public func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard let (kind, number) = parts(of: question), let (a, b) = digits(at: number, in: context) else {
      return .malformed
    }
    switch kind {
    case .digit, .carry: return .open
    case .first: return .primitive(Answer([digit(a)]))
    case .second: return .primitive(Answer([digit(b)]))
    }
  }

  public func truth(of question: Question, in context: Context) -> Answer {
    guard let (kind, number) = parts(of: question), let (a, b) = digits(at: number, in: context) else {
      return unknown
    }
    var carry = 0
    for place in 1..<number {
      guard let (a, b) = digits(at: place, in: context) else { return unknown }
      carry = (a + b + carry) / 10
    }
    switch kind {
    case .digit: return Answer([digit((a + b + carry) % 10)])
    case .carry: return Answer([digit((a + b + carry) / 10)])
    case .first: return Answer([digit(a)])
    case .second: return Answer([digit(b)])
    }
  }

  public func decide(_ transcript: Transcript) -> Decision {
    guard let (kind, number) = parts(of: transcript.question) else { return .answer(unknown) }
    let heard = transcript.steps.map { $0.answer.tokens.first ?? 0 }
    let here = transcript.question.tokens[1]
    guard kind == .digit || kind == .carry else {
      return heard.first.map { .answer(Answer([$0])) } ?? .ask(transcript.question)
    }
    switch heard.count {
    case 0: return .ask(grammar.question(.first, here))
    case 1: return .ask(grammar.question(.second, here))
    case 2 where number > 1: return .ask(grammar.question(.carry, here - 1))
    default: break
    }
    guard let a = value(of: heard[0]), let b = value(of: heard[1]),
      let carry = heard.count > 2 ? value(of: heard[2]) : 0
    else { return .answer(unknown) }
    return .answer(Answer([digit(kind == .digit ? (a + b + carry) % 10 : (a + b + carry) / 10 % 10)]))
  }

  public func questionClass(of question: Question, in context: Context) -> String {
    guard let kind = parts(of: question)?.kind, let length = chain(to: question, in: context) else { return "other" }
    return length < 5 ? "\(kind) over \(length)" : "\(kind) over 5 or more"
  }

  public func isQuestion(_ question: Question) -> Bool { grammar.isQuestion(question) }

  func parts(of question: Question) -> (kind: Asking, number: Int)? {
    grammar.parts(of: question).map { ($0.kind, places.index(of: $0.first) + 1) }
  }
}
