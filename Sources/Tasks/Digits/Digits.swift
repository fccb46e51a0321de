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

  private enum Kind: Token, CaseIterable {
    case digit = 1, carry, first, second

    var word: String {
      switch self {
      case .digit, .carry: "\(self)"
      case .first: "a"
      case .second: "b"
      }
    }
  }

  public let size: Int
  public let factLength = 3
  public let questionLength = 2
  public let answerLength = 1
  public let mostSteps = 3
  public var vocabulary: Int { Int(place(size)) + 1 }
  public var alphabets: [Alphabet] {
    [.numbers(digit(0)...digit(9), from: 0), .numbers(place(1)...place(size), from: 1)]
  }

  /// - Parameter size: places, 4…64.
  public init(size: Int) {
    self.size = size
  }

  private func digit(_ value: Int) -> Token { Kind.second.rawValue + 1 + Token(value) }
  private func place(_ number: Int) -> Token { digit(9) + Token(number) }

  private func value(of token: Token) -> Int? {
    (digit(0)...digit(9)).contains(token) ? Int(token - digit(0)) : nil
  }

  private func number(of token: Token) -> Int? {
    (place(1)...place(size)).contains(token) ? Int(token - place(0)) : nil
  }

  /// Every other pair of digits adds up to 9, which passes a carry on: else nearly all chains of carries were short.
  public func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context {
    Context(
      facts: (1...elements).map { number in
        let a = Int.random(in: 0...9, using: &random)
        let b = Bool.random(using: &random) ? 9 - a : Int.random(in: 0...9, using: &random)
        return [place(number), digit(a), digit(b)]
      })
  }

  /// A digit or a carry of a place to which the chain is as long as any of those that occur, each length as likely.
  public func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question {
    let kind = Bool.random(using: &random) ? Kind.digit : .carry
    var byChain: [Int: [Token]] = [:]
    for fact in context.facts {
      byChain[chain(to: Question([kind.rawValue, fact[0]]), in: context) ?? 0, default: []].append(fact[0])
    }
    guard let length = byChain.keys.sorted().randomElement(using: &random),
      let place = byChain[length]?.randomElement(using: &random)
    else { return Question([kind.rawValue, self.place(1)]) }
    return Question([kind.rawValue, place])
  }

  private func digits(at number: Int, in context: Context) -> (a: Int, b: Int)? {
    guard let fact = context.facts.first(where: { $0[0] == place(number) }), let a = value(of: fact[1]),
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
      return .unknown(length: 1)
    }
    var carry = 0
    for place in 1..<number {
      guard let (a, b) = digits(at: place, in: context) else { return .unknown(length: 1) }
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
    guard let (kind, number) = parts(of: transcript.question) else { return .answer(.unknown(length: 1)) }
    let heard = transcript.steps.map { $0.answer.tokens.first ?? 0 }
    let here = transcript.question.tokens[1]
    guard kind == .digit || kind == .carry else {
      return heard.first.map { .answer(Answer([$0])) } ?? .ask(transcript.question)
    }
    switch heard.count {
    case 0: return .ask(Question([Kind.first.rawValue, here]))
    case 1: return .ask(Question([Kind.second.rawValue, here]))
    case 2 where number > 1: return .ask(Question([Kind.carry.rawValue, here - 1]))
    default: break
    }
    guard let a = value(of: heard[0]), let b = value(of: heard[1]),
      let carry = heard.count > 2 ? value(of: heard[2]) : 0
    else { return .answer(.unknown(length: 1)) }
    return .answer(Answer([digit(kind == .digit ? (a + b + carry) % 10 : (a + b + carry) / 10 % 10)]))
  }

  public func difficulty(of question: Question, in context: Context) -> String {
    guard let kind = parts(of: question)?.kind, let length = chain(to: question, in: context) else { return "other" }
    return length < 5 ? "\(kind.word) over \(length)" : "\(kind.word) over 5 or more"
  }

  public func isQuestion(_ question: Question) -> Bool { parts(of: question) != nil }

  private func parts(of question: Question) -> (kind: Kind, number: Int)? {
    guard question.tokens.count == questionLength, let kind = Kind(rawValue: question.tokens[0]),
      let number = number(of: question.tokens[1])
    else { return nil }
    return (kind, number)
  }
}

// MARK: - Words

extension Digits {
  public var guide: String {
    """
    a,b(3)=7,5 says that place 3 of the number a has the digit 7, and of b 5; place 1 is the rightmost. Ask a 3, b 3 and, \
    but for place 1, carry 2. Add the three: the last digit of the sum is digit 3, and carry 3 is 1 if the sum is 10 or more, \
    else 0.
    """
  }

  public func meaning(of question: Question) -> String {
    guard let (kind, number) = parts(of: question) else { return "no question" }
    switch kind {
    case .digit: return "the digit at place \(number), from the right, of a + b"
    case .carry: return "what is carried from place \(number) to place \(number + 1) when a and b are added: 1 or 0"
    case .first: return "the digit at place \(number), from the right, of a"
    case .second: return "the digit at place \(number), from the right, of b"
    }
  }
}

// MARK: - Notation

extension Digits {
  public var forms: [String] { ["digit 3", "carry 3", "a 3", "b 3"] }

  public func write(fact: [Token]) -> String {
    "a,b(\(number(of: fact[0]) ?? 0))=\(value(of: fact[1]) ?? 0),\(value(of: fact[2]) ?? 0)"
  }

  public func write(_ answer: Answer) -> String { answer.tokens.first.flatMap(value).map(String.init) ?? "?" }

  public func write(_ question: Question) -> String {
    guard let (kind, number) = parts(of: question) else { return Self.malformed(question) }
    return "\(kind.word) \(number)"
  }

  public func readFact(_ text: String) throws -> [Token] {
    guard let match = text.wholeMatch(of: /a,b\(\s*(\d+)\s*\)\s*=\s*(\d)\s*,\s*(\d)/), let a = Int(match.2),
      let b = Int(match.3)
    else { throw NotationError("“\(text.prefix(80))” is no fact: a fact is written a,b(3)=7,5") }
    return [try readPlace(match.1), digit(a), digit(b)]
  }

  private func readPlace(_ digits: Substring) throws -> Token {
    guard let number = Int(digits), (1...size).contains(number) else {
      throw NotationError("“\(digits.prefix(20))” is no place: places are 1 to \(size)")
    }
    return place(number)
  }

  public func readQuestion(_ text: String) throws -> Question {
    guard let match = text.trimmed.wholeMatch(of: /(digit|carry|a|b)\s+(\d+)/),
      let kind = Kind.allCases.first(where: { $0.word == match.1 })
    else {
      throw NotationError("“\(text.prefix(80))” is no question: questions are written digit 3, carry 3, a 3 or b 3")
    }
    return Question([kind.rawValue, try readPlace(match.2)])
  }

  public func checked(_ context: Context) throws -> Context {
    guard !context.facts.isEmpty else { throw NotationError("a context has at least one place, such as a,b(1)=7,5") }
    for (row, fact) in context.facts.enumerated() where number(of: fact[0]) != row + 1 {
      throw NotationError("line “\(write(fact: fact))” should tell of place \(row + 1): places go up from 1 by one")
    }
    return context
  }
}
