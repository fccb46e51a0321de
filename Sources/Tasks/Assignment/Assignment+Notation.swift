import Amplification

extension Assignment {
  public var guide: String {
    """
    x3:=5 says that x3 is 5; x7:=f(x3,x1) says that x7 is what the table has for the values of x3 and x1; f(2,5)=7 is a \
    line of the table. Of x7, ask arg1 x7 and then the variable that you were answered, arg2 x7 and then that variable, then \
    f of the two values. The last answer is the answer.
    """
  }

  public func meaning(of question: Question) -> String {
    guard let (kind, first, second) = grammar.parts(of: question) else { return "no question" }
    switch kind {
    case .value: return "the value of \(write(first))"
    case .firstArgument: return "which variable stands first in what defines \(write(first))"
    case .secondArgument: return "which variable stands second in what defines \(write(first))"
    case .table: return "what the table has for \(write(first)) and \(write(second))"
    }
  }

  public var forms: [String] { ["x3", "arg1 x3", "arg2 x3", "f(2,4)"] }

  func write(_ token: Token) -> String {
    if values.contains(token) { return values.write(token) }
    return variables.contains(token) ? "x\(variables.write(token))" : "?"
  }

  public func write(fact: [Token]) -> String {
    if values.contains(fact[0]) { return "f(\(write(fact[0])),\(write(fact[1])))=\(write(fact[2]))" }
    let right = values.contains(fact[1]) ? write(fact[1]) : "f(\(write(fact[1])),\(write(fact[2])))"
    return "\(write(fact[0])):=\(right)"
  }

  public func write(_ answer: Answer) -> String { write(answer.tokens.first ?? 0) }

  public func write(_ question: Question) -> String { grammar.write(question) ?? Self.malformed(question) }

  public func readFact(_ text: String) throws -> [Token] {
    if let match = text.wholeMatch(of: /x(\d+)\s*:=\s*(\d+)/) {
      return [try variables.read(match.1), try values.read(match.2), 0]
    }
    if let match = text.wholeMatch(of: /x(\d+)\s*:=\s*f\(\s*x(\d+)\s*,\s*x(\d+)\s*\)/) {
      return [try variables.read(match.1), try variables.read(match.2), try variables.read(match.3)]
    }
    if let match = text.wholeMatch(of: /f\(\s*(\d+)\s*,\s*(\d+)\s*\)\s*=\s*(\d+)/) {
      return [try values.read(match.1), try values.read(match.2), try values.read(match.3)]
    }
    throw NotationError("“\(text.prefix(80))” is no fact: facts are written x3:=5, x7:=f(x3,x1) or f(2,5)=7")
  }

  public func readQuestion(_ text: String) throws -> Question { try grammar.read(text.trimmed) }
}
