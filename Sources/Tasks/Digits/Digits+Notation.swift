import Amplification

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

  public var forms: [String] { ["digit 3", "carry 3", "a 3", "b 3"] }

  public func write(fact: [Token]) -> String {
    "a,b(\(number(of: fact[0]) ?? 0))=\(value(of: fact[1]) ?? 0),\(value(of: fact[2]) ?? 0)"
  }

  public func write(_ answer: Answer) -> String { answer.tokens.first.flatMap(value).map(String.init) ?? "?" }

  public func write(_ question: Question) -> String { grammar.write(question) ?? Self.malformed(question) }

  public func readFact(_ text: String) throws -> [Token] {
    guard let match = text.wholeMatch(of: /a,b\(\s*(\d+)\s*\)\s*=\s*(\d)\s*,\s*(\d)/), let a = Int(match.2),
      let b = Int(match.3)
    else { throw NotationError("“\(text.prefix(80))” is no fact: a fact is written a,b(3)=7,5") }
    return [try places.read(match.1), digit(a), digit(b)]
  }

  public func readQuestion(_ text: String) throws -> Question { try grammar.read(text) }

  public func checked(_ context: Context) throws -> Context {
    guard !context.facts.isEmpty else { throw NotationError("a context has at least one place, such as a,b(1)=7,5") }
    for (row, fact) in context.facts.enumerated() where number(of: fact[0]) != row + 1 {
      throw NotationError("line “\(write(fact: fact))” should tell of place \(row + 1): places go up from 1 by one")
    }
    return context
  }
}
