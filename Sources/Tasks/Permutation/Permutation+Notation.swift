import Amplification

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

extension Int {
  /// `twice`, `three times`, `63 times`.
  fileprivate var asTimes: String {
    let words =
      ["never", "once", "twice"]
      + ["three", "four", "five", "six", "seven", "eight", "nine", "ten"].map { "\($0) times" }
    return words.indices.contains(self) ? words[self] : "\(self) times"
  }
}
