import Amplification
import Randomness

/// Powers of a permutation: given σ as facts `f(12)=7`, what is σᵏ(x), written `f^5(12)`?
///
/// σᵏ is σ^(k/2) twice, and for odd k then σ once more; σ¹ is looked up. Contexts hold σ of a subset of the `size` names.
/// Tokens: 1…size are the names, then bit 0, then bit 1. A question is x and the bits of k, most significant first.
public struct Permutation: TokenTask {
  private static let exponent = TaskKind.Setting("bits", 2...6, standard: 3, "of the exponent, so that k < 2^bits")
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

  var zero: Token { Token(size + 1) }
  var one: Token { Token(size + 2) }

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
    guard let (element, power) = parts(of: question) else { return unknown }
    var value = element
    for _ in 0..<power {
      guard let next = image(of: value, in: context) else { return unknown }
      value = next
    }
    return image(of: value, in: context) == nil ? unknown : Answer([value])
  }

  public func decide(_ transcript: Transcript) -> Decision {
    guard let (element, power) = parts(of: transcript.question) else { return .answer(unknown) }
    guard power >= 2 else {
      return transcript.steps.first.map { .answer($0.answer) } ?? .ask(transcript.question)
    }
    let heard = transcript.steps.last?.answer.tokens.first ?? element
    guard isName(heard) else { return .answer(unknown) }
    switch transcript.steps.count {
    case 0, 1: return .ask(question(heard, power: power / 2))
    case 2 where power.isMultiple(of: 2) == false: return .ask(question(heard, power: 1))
    default: return .answer(Answer([heard]))
    }
  }

  public func questionClass(of question: Question, in context: Context) -> String {
    guard let (_, power) = parts(of: question) else { return "?" }
    let low = 1 << (Int.bitWidth - 1 - max(power, 1).leadingZeroBitCount)
    return low == 1 ? "k=\(power)" : "k=\(low)–\(2 * low - 1)"
  }

  func isName(_ token: Token) -> Bool { (1...Token(size)).contains(token) }

  private func image(of element: Token, in context: Context) -> Token? {
    context.facts.first { $0[0] == element }?[1]
  }

  func question(_ element: Token, power: Int) -> Question {
    Question([element] + (0..<bits).reversed().map { (power >> $0) & 1 == 1 ? one : zero })
  }

  public func isQuestion(_ question: Question) -> Bool { parts(of: question) != nil }

  func parts(of question: Question) -> (element: Token, power: Int)? {
    guard question.tokens.count == questionLength, isName(question.tokens[0]) else { return nil }
    var power = 0
    for token in question.tokens.dropFirst() {
      guard token == zero || token == one else { return nil }
      power = power << 1 | (token == one ? 1 : 0)
    }
    return (question.tokens[0], power)
  }
}
