import Amplification

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
