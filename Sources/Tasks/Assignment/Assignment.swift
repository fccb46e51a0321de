import Amplification
import Randomness

/// Values of variables that are defined by each other: given `x3:=5`, `x7:=f(x3,x1)` and the rows `f(2,5)=7` of the table
/// that occur, what is `x7`?
///
/// H asks for the first argument of x and its value, for the second and its value, and for f of the two values; arguments,
/// rows of the table and constants are looked up. Tokens: four kinds of question, the values 1…8, the variables. A fact
/// is (x, value, 0), (x, y, z) or (value, value, value), a question its kind and two more tokens.
public struct Assignment: TokenTask {
  public static let kind = TaskKind(
    "assignment", "values of variables: x7, given x7:=f(x3,x1), x3:=5 and the table of f"
  ) { size, _ in Assignment(size: size) }
  public var kind: TaskKind { Self.kind }

  public static let values = 8

  enum Asking: Token {
    case value = 1, firstArgument, secondArgument, table
  }

  public let size: Int
  public let factLength = 3
  public let answerLength = 1
  public let mostSteps = 5
  public var questionLength: Int { grammar.questionLength }
  public var vocabulary: Int { Int(variables.end) }
  public var alphabets: [Alphabet] { [.names(values.all), .names(variables.all)] }

  let values, variables: TokenRun
  let grammar: Grammar<Asking>

  /// - Parameter size: variables, 4…64.
  public init(size: Int) {
    self.size = size
    let values = TokenRun(first: Asking.table.rawValue + 1, count: Self.values) {
      "\($0) is no value; values are 1 to \($1)"
    }
    let variables = TokenRun(first: values.end, count: size) { "x\($0) is no variable; there are x1 to x\($1)" }
    (self.values, self.variables) = (values, variables)
    grammar = Grammar(
      [
        .init(.value, "x_", variables), .init(.firstArgument, "arg1 x_", variables),
        .init(.secondArgument, "arg2 x_", variables), .init(.table, "f(_,_)", values, values),
      ], allowed: "questions are written x7, arg1 x7, arg2 x7 or f(2,5)")
  }

  public func isQuestion(_ question: Question) -> Bool { grammar.isQuestion(question) }

  // MARK: Answers

  private func definition(of name: Token, in context: Context) -> [Token]? {
    context.facts.first { $0[0] == name && variables.contains(name) }
  }

  private func row(_ first: Token, _ second: Token, in context: Context) -> Token? {
    context.facts.first { values.contains($0[0]) && $0[0] == first && $0[1] == second }?[2]
  }

  public func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard let (kind, first, second) = grammar.parts(of: question) else { return .malformed }
    if kind == .table { return row(first, second, in: context).map { .primitive(Answer([$0])) } ?? .malformed }
    guard let definition = definition(of: first, in: context) else { return .malformed }
    let isConstant = values.contains(definition[1])
    switch kind {
    case .value: return isConstant ? .primitive(Answer([definition[1]])) : .open
    case .firstArgument: return isConstant ? .malformed : .primitive(Answer([definition[1]]))
    case .secondArgument: return isConstant ? .malformed : .primitive(Answer([definition[2]]))
    case .table: return .malformed
    }
  }

  public func truth(of question: Question, in context: Context) -> Answer {
    switch lookUp(question, in: context, using: RandomKey(seed: 0, purpose: .lookUps)) {
    case .primitive(let answer): return answer
    case .malformed: return unknown
    case .open: break
    }
    // In the order of depth each variable's arguments are known before it is.
    var known: [Token: Token] = [:]
    for (name, _) in depths(in: context).sorted(by: { $0.value < $1.value }) {
      guard let definition = definition(of: name, in: context) else { continue }
      known[name] =
        values.contains(definition[1])
        ? definition[1] : row(known[definition[1]] ?? 0, known[definition[2]] ?? 0, in: context)
    }
    return known[question.tokens[1]].map { Answer([$0]) } ?? unknown
  }

  // MARK: Decomposition

  public func decide(_ transcript: Transcript) -> Decision {
    let unknown = Decision.answer(unknown)
    guard let (kind, name, _) = grammar.parts(of: transcript.question) else { return unknown }
    let heard = transcript.steps.map { $0.answer.tokens.first ?? 0 }
    guard kind == .value else { return heard.first.map { .answer(Answer([$0])) } ?? .ask(transcript.question) }
    switch heard.count {
    case 0: return .ask(grammar.question(.firstArgument, name))
    case 1, 3:
      let name = heard[heard.count - 1]
      return variables.contains(name) ? .ask(grammar.question(.value, name)) : unknown
    case 2: return values.contains(heard[1]) ? .ask(grammar.question(.secondArgument, name)) : unknown
    case 4: return values.contains(heard[3]) ? .ask(grammar.question(.table, heard[1], heard[3])) : unknown
    default: return values.contains(heard[4]) ? .answer(Answer([heard[4]])) : unknown
    }
  }

  public func questionClass(of question: Question, in context: Context) -> String {
    guard let (kind, name, _) = grammar.parts(of: question), kind == .value, let depth = depths(in: context)[name]
    else { return "other" }
    return depth < 5 ? "depth \(depth)" : "depth 5 or more"
  }
}
