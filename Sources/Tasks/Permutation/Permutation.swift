import Amplification
import Randomness

/// Powers of a permutation: given σ as facts `f(12)=7`, what is σᵏ(x), written `f^5(12)`?
///
/// σᵏ is σ^(k/2) twice, and for odd k then σ once more; σ¹ is looked up. Contexts hold σ of a subset of the `size` names.
/// Tokens: 1…size are the names, then bit 0, then bit 1. A question is x and the bits of k, most significant first.
public struct Permutation: TokenTask {
  private static let exponent = TaskKind.Setting("bits", 2...6, standard: 3, "of the exponent: k < 2^bits")
  public static let kind = TaskKind(
    "permutation", "powers of a permutation: f^5(12), given f(x) for every x", settings: [exponent]
  ) { Permutation(size: $0, bits: $1[exponent]) }
  public var kind: TaskKind { Self.kind }

  public let size: Int
  /// Bits of the exponent: k < 2^bits.
  public let bits: Int
  public let factLength = 2
  public let answerLength = 1
  public let mostSteps = 3
  public var questionLength: Int { 1 + bits }
  public var vocabulary: Int { size + 3 }
  public var alphabets: [Alphabet] { [.names(1...Token(size)), .names(zero...one)] }

  private var zero: Token { Token(size + 1) }
  private var one: Token { Token(size + 2) }

  /// - Parameters: - size: names, 4…64. - bits: 2…6.
  public init(size: Int, bits: Int) {
    self.size = size
    self.bits = bits
  }

  public func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context {
    let used = (1...Token(size)).shuffled(using: &random).prefix(elements)
    return Context(facts: zip(used, used.shuffled(using: &random)).map { [$0, $1] })
  }

  /// x is uniform; the leading bit of k is uniform among those that make k ≥ 2, and the bits below it are uniform.
  public func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question {
    let element = context.facts[Int.random(in: context.facts.indices, using: &random)][0]
    let leading = 1 << Int.random(in: 1..<bits, using: &random)
    return question(element, power: leading + Int.random(in: 0..<leading, using: &random))
  }

  public func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard let (element, power) = parts(of: question), let image = image(of: element, in: context) else {
      return .malformed
    }
    switch power {
    case 0: return .primitive(Answer([element]))
    case 1: return .primitive(Answer([image]))
    default: return .open
    }
  }

  public func truth(of question: Question, in context: Context) -> Answer {
    guard let (element, power) = parts(of: question) else { return .unknown(length: 1) }
    var value = element
    for _ in 0..<power {
      guard let next = image(of: value, in: context) else { return .unknown(length: 1) }
      value = next
    }
    return image(of: value, in: context) == nil ? .unknown(length: 1) : Answer([value])
  }

  public func decide(_ transcript: Transcript) -> Decision {
    guard let (element, power) = parts(of: transcript.question) else { return .answer(.unknown(length: 1)) }
    guard power >= 2 else {
      return transcript.steps.first.map { .answer($0.answer) } ?? .ask(transcript.question)
    }
    let heard = transcript.steps.last?.answer.tokens.first ?? element
    guard isName(heard) else { return .answer(.unknown(length: 1)) }
    switch transcript.steps.count {
    case 0, 1: return .ask(question(heard, power: power / 2))
    case 2 where power.isMultiple(of: 2) == false: return .ask(question(heard, power: 1))
    default: return .answer(Answer([heard]))
    }
  }

  public func difficulty(of question: Question, in context: Context) -> String {
    guard let (_, power) = parts(of: question) else { return "?" }
    let low = 1 << (Int.bitWidth - 1 - max(power, 1).leadingZeroBitCount)
    return low == 1 ? "k=\(power)" : "k=\(low)–\(2 * low - 1)"
  }

  private func isName(_ token: Token) -> Bool { (1...Token(size)).contains(token) }

  private func image(of element: Token, in context: Context) -> Token? {
    context.facts.first { $0[0] == element }?[1]
  }

  private func question(_ element: Token, power: Int) -> Question {
    Question([element] + (0..<bits).reversed().map { (power >> $0) & 1 == 1 ? one : zero })
  }

  public func isQuestion(_ question: Question) -> Bool { parts(of: question) != nil }

  private func parts(of question: Question) -> (element: Token, power: Int)? {
    guard question.tokens.count == questionLength, isName(question.tokens[0]) else { return nil }
    var power = 0
    for token in question.tokens.dropFirst() {
      guard token == zero || token == one else { return nil }
      power = power << 1 | (token == one ? 1 : 0)
    }
    return (question.tokens[0], power)
  }
}

// MARK: - Words

extension Permutation {
  public var guide: String {
    """
    A fact f(3)=5 is an arrow from 3 to 5; from every name there is one. Halve the way: of f^6(4), ask f^3(4), then f^3 of \
    the answer. If the number is odd, follow one arrow more at the end: of f^5(4), ask f^2(4), then f^2 of the answer, then \
    f^1 of that. The last answer is the answer.
    """
  }

  public func meaning(of question: Question) -> String {
    guard let (element, power) = parts(of: question) else { return "no question" }
    switch power {
    case 0: return "start at \(element) and stay there"
    case 1: return "start at \(element) and follow the arrow once"
    default: return "start at \(element) and follow the arrows \(power.asTimes)"
    }
  }
}

// MARK: - Notation

extension Permutation {
  public var forms: [String] { ["f^2(3)", "f^1(3)"] }

  public func write(fact: [Token]) -> String { "f(\(fact[0]))=\(fact[1])" }

  public func write(_ answer: Answer) -> String {
    answer.tokens.first.flatMap { isName($0) ? "\($0)" : nil } ?? "?"
  }

  /// `f^5(12)`; the tokens of a malformed question are listed as they are.
  public func write(_ question: Question) -> String {
    guard let (element, power) = parts(of: question) else { return Self.malformed(question) }
    return "f^\(power)(\(element))"
  }

  public func readFact(_ text: String) throws -> [Token] {
    let form = "a fact is written f(12)=7 with names from 1 to \(size)"
    guard let match = text.wholeMatch(of: /f\(\s*(\d+)\s*\)\s*=\s*(\d+)/) else {
      throw NotationError("“\(text.prefix(80))” is no fact: \(form)")
    }
    return try [match.1, match.2].map { digits in
      guard let name = Token(digits), isName(name) else {
        throw NotationError("“\(digits.prefix(20))” in “\(text.prefix(80))” is no name: \(form)")
      }
      return name
    }
  }

  public func readQuestion(_ text: String) throws -> Question {
    let form = "a question is written f^5(12) with k from 0 to \((1 << bits) - 1) and names from 1 to \(size)"
    guard let match = text.trimmed.wholeMatch(of: /f\^(\d+)\(\s*(\d+)\s*\)/) else {
      throw NotationError("“\(text.prefix(80))” is no question: \(form)")
    }
    guard let power = Int(match.1), power < 1 << bits else {
      throw NotationError("the exponent \(match.1.prefix(20)) is out of range: it is 0 to \((1 << bits) - 1)")
    }
    guard let element = Token(match.2), isName(element) else {
      throw NotationError("there is no element \(match.2.prefix(20)): elements are 1 to \(size)")
    }
    return question(element, power: power)
  }

  public func checked(_ context: Context) throws -> Context {
    guard !context.facts.isEmpty else { throw NotationError("a context has at least one fact, such as f(1)=2") }
    let names = context.facts.map { $0[0] }
    for (row, name) in names.enumerated() where names[..<row].contains(name) {
      throw NotationError("f(\(name)) is given twice: a permutation has one value for each name")
    }
    let images = context.facts.map { $0[1] }
    for (row, image) in images.enumerated() {
      guard !images[..<row].contains(image) else {
        throw NotationError("\(image) is the value of two names: a permutation has each value once")
      }
      guard names.contains(image) else {
        throw NotationError("f(\(image)) is missing: a permutation maps its names onto themselves")
      }
    }
    return context
  }
}
