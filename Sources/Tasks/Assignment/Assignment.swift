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

  private enum Kind: Token {
    case value = 1, firstArgument, secondArgument, table
  }

  public let size: Int
  public let factLength = 3
  public let questionLength = 3
  public let answerLength = 1
  public let mostSteps = 5
  public var vocabulary: Int { Int(variable(size)) + 1 }
  public var alphabets: [Alphabet] { [.names(value(1)...value(Self.values)), .names(variable(1)...variable(size))] }

  /// - Parameter size: variables, 4…64.
  public init(size: Int) {
    self.size = size
  }

  private func value(_ number: Int) -> Token { Kind.table.rawValue + Token(number) }
  private func variable(_ number: Int) -> Token { value(Self.values) + Token(number) }
  private func isValue(_ token: Token) -> Bool { (value(1)...value(Self.values)).contains(token) }
  private func isVariable(_ token: Token) -> Bool { (variable(1)...variable(size)).contains(token) }

  // MARK: Contexts

  /// √n constants, then variables whose arguments are uniform among those before.
  public func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context {
    let variables = (1...size).shuffled(using: &random).prefix(elements).map(variable)
    let constants = max(1, Int(Double(elements).squareRoot()))
    var facts: [[Token]] = []
    var values: [Token] = []
    var table: [[Token]: Token] = [:]
    for (index, name) in variables.enumerated() {
      guard index >= constants else {
        values.append(value(Int.random(in: 1...Self.values, using: &random)))
        facts.append([name, values[index], 0])
        continue
      }
      let (first, second) = (Int.random(in: 0..<index, using: &random), Int.random(in: 0..<index, using: &random))
      facts.append([name, variables[first], variables[second]])
      let pair = [values[first], values[second]]
      if table[pair] == nil {
        let result = value(Int.random(in: 1...Self.values, using: &random))
        table[pair] = result
        facts.append(pair + [result])
      }
      values.append(table[pair] ?? 0)
    }
    return Context(facts: facts)
  }

  /// The depth is uniform among those that occur, then the variable among those of that depth; never a constant.
  public func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question {
    var byDepth: [Int: [Token]] = [:]
    for (name, depth) in depths(in: context) where depth > 0 { byDepth[depth, default: []].append(name) }
    guard let depth = byDepth.keys.sorted().randomElement(using: &random),
      let name = byDepth[depth]?.sorted().randomElement(using: &random)
    else { return question(.value, variable(1)) }
    return question(.value, name)
  }

  /// Of every variable whose value is determined: how many tables deep; 0 for constants.
  private func depths(in context: Context) -> [Token: Int] {
    var depths: [Token: Int] = [:]
    var grows = true
    while grows {
      grows = false
      for fact in context.facts where isVariable(fact[0]) && depths[fact[0]] == nil {
        if isValue(fact[1]) {
          depths[fact[0]] = 0
        } else if let first = depths[fact[1]], let second = depths[fact[2]] {
          depths[fact[0]] = 1 + max(first, second)
        } else {
          continue
        }
        grows = true
      }
    }
    return depths
  }

  private func definition(of name: Token, in context: Context) -> [Token]? {
    context.facts.first { $0[0] == name && isVariable(name) }
  }

  private func row(_ first: Token, _ second: Token, in context: Context) -> Token? {
    context.facts.first { isValue($0[0]) && $0[0] == first && $0[1] == second }?[2]
  }

  // MARK: Answers

  public func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard let (kind, first, second) = parts(of: question) else { return .malformed }
    if kind == .table { return row(first, second, in: context).map { .primitive(Answer([$0])) } ?? .malformed }
    guard let definition = definition(of: first, in: context) else { return .malformed }
    let isConstant = isValue(definition[1])
    switch kind {
    case .value: return isConstant ? .primitive(Answer([definition[1]])) : .open
    case .firstArgument: return isConstant ? .malformed : .primitive(Answer([definition[1]]))
    case .secondArgument: return isConstant ? .malformed : .primitive(Answer([definition[2]]))
    case .table: return .malformed
    }
  }

  public func truth(of question: Question, in context: Context) -> Answer {
    let unknown = Answer.unknown(length: 1)
    switch lookUp(question, in: context, using: RandomKey(seed: 0, purpose: .lookUps)) {
    case .primitive(let answer): return answer
    case .malformed: return unknown
    case .open: break
    }
    // In the order of depth each variable's arguments are known before it is.
    var values: [Token: Token] = [:]
    for (name, _) in depths(in: context).sorted(by: { $0.value < $1.value }) {
      guard let definition = definition(of: name, in: context) else { continue }
      values[name] =
        isValue(definition[1])
        ? definition[1] : row(values[definition[1]] ?? 0, values[definition[2]] ?? 0, in: context)
    }
    return values[question.tokens[1]].map { Answer([$0]) } ?? unknown
  }

  public func decide(_ transcript: Transcript) -> Decision {
    let unknown = Decision.answer(.unknown(length: 1))
    guard let (kind, name, _) = parts(of: transcript.question) else { return unknown }
    let heard = transcript.steps.map { $0.answer.tokens.first ?? 0 }
    guard kind == .value else { return heard.first.map { .answer(Answer([$0])) } ?? .ask(transcript.question) }
    switch heard.count {
    case 0: return .ask(question(.firstArgument, name))
    case 1, 3: return isVariable(heard[heard.count - 1]) ? .ask(question(.value, heard[heard.count - 1])) : unknown
    case 2: return isValue(heard[1]) ? .ask(question(.secondArgument, name)) : unknown
    case 4: return isValue(heard[3]) ? .ask(question(.table, heard[1], heard[3])) : unknown
    default: return isValue(heard[4]) ? .answer(Answer([heard[4]])) : unknown
    }
  }

  public func difficulty(of question: Question, in context: Context) -> String {
    guard let (kind, name, _) = parts(of: question), kind == .value, let depth = depths(in: context)[name] else {
      return "other"
    }
    return depth < 5 ? "depth \(depth)" : "depth 5 or more"
  }

  private func question(_ kind: Kind, _ first: Token, _ second: Token = 0) -> Question {
    Question([kind.rawValue, first, second])
  }

  public func isQuestion(_ question: Question) -> Bool { parts(of: question) != nil }

  private func parts(of question: Question) -> (kind: Kind, first: Token, second: Token)? {
    guard question.tokens.count == questionLength, let kind = Kind(rawValue: question.tokens[0]) else { return nil }
    let (first, second) = (question.tokens[1], question.tokens[2])
    guard kind == .table ? isValue(first) && isValue(second) : isVariable(first) && second == 0 else { return nil }
    return (kind, first, second)
  }
}

// MARK: - Words

extension Assignment {
  public var guide: String {
    """
    x3:=5 says that x3 is 5; x7:=f(x3,x1) says that x7 is what the table has for the values of x3 and x1; f(2,5)=7 is a \
    line of the table. Of x7, ask arg1 x7 and then the variable that you were answered, arg2 x7 and then that variable, then \
    f of the two values. The last answer is the answer.
    """
  }

  public func meaning(of question: Question) -> String {
    guard let (kind, first, second) = parts(of: question) else { return "no question" }
    switch kind {
    case .value: return "the value of \(write(first))"
    case .firstArgument: return "which variable stands first in what defines \(write(first))"
    case .secondArgument: return "which variable stands second in what defines \(write(first))"
    case .table: return "what the table has for \(write(first)) and \(write(second))"
    }
  }
}

// MARK: - Notation

extension Assignment {
  public var forms: [String] { ["x3", "arg1 x3", "arg2 x3", "f(2,4)"] }

  private func write(_ token: Token) -> String {
    if isValue(token) { return "\(token - value(0))" }
    return isVariable(token) ? "x\(token - variable(0))" : "?"
  }

  public func write(fact: [Token]) -> String {
    if isValue(fact[0]) { return "f(\(write(fact[0])),\(write(fact[1])))=\(write(fact[2]))" }
    let right = isValue(fact[1]) ? write(fact[1]) : "f(\(write(fact[1])),\(write(fact[2])))"
    return "\(write(fact[0])):=\(right)"
  }

  public func write(_ answer: Answer) -> String { write(answer.tokens.first ?? 0) }

  public func write(_ question: Question) -> String {
    guard let (kind, first, second) = parts(of: question) else { return Self.malformed(question) }
    switch kind {
    case .value: return write(first)
    case .firstArgument: return "arg1 \(write(first))"
    case .secondArgument: return "arg2 \(write(first))"
    case .table: return "f(\(write(first)),\(write(second)))"
    }
  }

  private func readVariable(_ digits: Substring) throws -> Token {
    guard let number = Int(digits), (1...size).contains(number) else {
      throw NotationError("x\(digits.prefix(20)) is no variable; there are x1 to x\(size)")
    }
    return variable(number)
  }

  private func readValue(_ digits: Substring) throws -> Token {
    guard let number = Int(digits), (1...Self.values).contains(number) else {
      throw NotationError("\(digits.prefix(20)) is no value; values are 1 to \(Self.values)")
    }
    return value(number)
  }

  public func readFact(_ text: String) throws -> [Token] {
    if let match = text.wholeMatch(of: /x(\d+)\s*:=\s*(\d+)/) {
      return [try readVariable(match.1), try readValue(match.2), 0]
    }
    if let match = text.wholeMatch(of: /x(\d+)\s*:=\s*f\(\s*x(\d+)\s*,\s*x(\d+)\s*\)/) {
      return [try readVariable(match.1), try readVariable(match.2), try readVariable(match.3)]
    }
    if let match = text.wholeMatch(of: /f\(\s*(\d+)\s*,\s*(\d+)\s*\)\s*=\s*(\d+)/) {
      return [try readValue(match.1), try readValue(match.2), try readValue(match.3)]
    }
    throw NotationError("“\(text.prefix(80))” is no fact: facts are written x3:=5, x7:=f(x3,x1) or f(2,5)=7")
  }

  public func readQuestion(_ text: String) throws -> Question {
    let text = text.trimmed
    if let match = text.wholeMatch(of: /x(\d+)/) { return question(.value, try readVariable(match.1)) }
    if let match = text.wholeMatch(of: /arg([12])\s+x(\d+)/) {
      return question(match.1 == "1" ? .firstArgument : .secondArgument, try readVariable(match.2))
    }
    if let match = text.wholeMatch(of: /f\(\s*(\d+)\s*,\s*(\d+)\s*\)/) {
      return question(.table, try readValue(match.1), try readValue(match.2))
    }
    throw NotationError("“\(text.prefix(80))” is no question: questions are written x7, arg1 x7, arg2 x7 or f(2,5)")
  }

  public func checked(_ context: Context) throws -> Context {
    var lefts: Set<[Token]> = []
    for fact in context.facts {
      let left = isValue(fact[0]) ? Array(fact.prefix(2)) : [fact[0]]
      guard lefts.insert(left).inserted else {
        throw NotationError("\(write(fact: fact)) defines again what another fact defines")
      }
    }
    let depths = depths(in: context)
    for fact in context.facts where isVariable(fact[0]) {
      guard depths[fact[0]] != nil else {
        throw NotationError("\(write(fact[0])) has no value: it is defined by itself, or by a variable that is not")
      }
      guard !truth(of: question(.value, fact[0]), in: context).isUnknown else {
        throw NotationError("\(write(fact[0])) has no value: the table of f lacks a row that it needs")
      }
    }
    guard lefts.contains(where: { $0.count == 1 }) else {
      throw NotationError("a context has at least one variable, such as x3:=5")
    }
    return context
  }
}
