import Amplification
import Randomness

/// Shortest paths: given the edges of a directed graph as facts `12->7`, what is `distance 12 7`, and what is the first
/// `step 12 7` of a shortest path?
///
/// The distance is one more than that from the first step. The first step is the better of what X proposes and of a
/// neighbour drawn at random, as X's own distances from there tell; so every round of learning improves on X's proposal.
/// Tokens: four kinds of question, yes and no, the vertices and no vertex, the distances 0…size and no distance. A fact is
/// (from, to), a question its kind and two vertices.
public struct Path: TokenTask {
  public static let kind = TaskKind(
    "path", "shortest paths in a directed graph: distance 12 7 and step 12 7, given edges 12->7"
  ) { size, _ in Path(size: size) }
  public var kind: TaskKind { Self.kind }

  private enum Kind: Token, CaseIterable {
    case distance = 1, step, neighbor, edge

    var word: String { "\(self)" }
  }

  private static let yes: Token = 5
  private static let no: Token = 6

  public let size: Int
  public let factLength = 2
  public let questionLength = 3
  public let answerLength = 1
  /// An edge to the goal; X's proposal, the edge to it and the distance from it; a draw and the distance from it.
  public let mostSteps = 6
  public var vocabulary: Int { Int(noDistance) + 1 }
  public var alphabets: [Alphabet] {
    [.names(Self.yes...Self.no), .names(vertices.first...noVertex), .numbers(distance(0)...noDistance, from: 0)]
  }

  /// - Parameter size: vertices, 4…64.
  public init(size: Int) {
    self.size = size
  }

  private var vertices: Vertices { Vertices(first: Self.no + 1, count: size) }
  private var noVertex: Token { vertices.end }
  private func distance(_ length: Int) -> Token { noVertex + 1 + Token(length) }
  private var noDistance: Token { distance(size + 1) }
  private func isDistance(_ token: Token) -> Bool { (distance(0)...noDistance).contains(token) }

  // MARK: Contexts

  /// Twice as many edges as vertices, uniform among those from one vertex to another.
  public func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context {
    let chosen = (1...size).shuffled(using: &random).prefix(elements).map { vertices[$0] }
    var edges: [[Token]] = []
    var seen: Set<[Token]> = []
    while edges.count < min(2 * elements, elements * (elements - 1)) {
      guard let from = chosen.randomElement(using: &random), let to = chosen.randomElement(using: &random),
        from != to, seen.insert([from, to]).inserted
      else { continue }
      edges.append([from, to])
    }
    return Context(facts: edges)
  }

  /// A distance or a step, of two vertices whose distance is uniform among those that occur.
  public func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question {
    let sources = sources(in: context)
    let present = context.facts.joined().reduce(into: UInt64(0)) { $0 |= bit($1) }
    // By length; in the last row those between which there is no path.
    var rows = [[(from: UInt64, to: Int)]](repeating: [], count: size + 2)
    for to in 0..<size where present >> to & 1 == 1 {
      let levels = levels(to: to, from: sources)
      for (length, from) in levels.enumerated().dropFirst() { rows[length].append((from, to)) }
      let unreached = levels.reduce(present) { $0 & ~$1 }
      if unreached != 0 { rows[size + 1].append((unreached, to)) }
    }
    let kind = Bool.random(using: &random) ? Kind.distance : .step
    let pairs = rows.filter { !$0.isEmpty }.randomElement(using: &random)?.flatMap { row in
      (0..<size).filter { row.from >> $0 & 1 == 1 }.map { (from: $0, to: row.to) }
    }
    guard let pair = pairs?.randomElement(using: &random) else { return question(kind, vertices[1], vertices[2]) }
    return question(kind, vertices[pair.from + 1], vertices[pair.to + 1])
  }

  private func bit(_ vertex: Token) -> UInt64 { 1 << vertices.index(of: vertex) }

  /// Of every vertex, by index, those with an edge to it, as bits.
  private func sources(in context: Context) -> [UInt64] {
    var sources = [UInt64](repeating: 0, count: size)
    for edge in context.facts { sources[vertices.index(of: edge[1])] |= bit(edge[0]) }
    return sources
  }

  /// By length, the vertices whose shortest path to the goal is so long, as bits.
  private func levels(to goal: Int, from sources: [UInt64]) -> [UInt64] {
    var levels: [UInt64] = []
    var seen: UInt64 = 0
    var next: UInt64 = 1 << goal
    while next != 0 {
      levels.append(next)
      seen |= next
      let newest = next
      next = 0
      for vertex in 0..<size where newest >> vertex & 1 == 1 { next |= sources[vertex] }
      next &= ~seen
    }
    return levels
  }

  private func length(_ from: Token, _ to: Token, in context: Context) -> Int? {
    levels(to: vertices.index(of: to), from: sources(in: context)).firstIndex { $0 & bit(from) != 0 }
  }

  private func hasEdge(_ from: Token, _ to: Token, in context: Context) -> Bool { context.facts.contains([from, to]) }

  private func neighbors(of vertex: Token, in context: Context) -> [Token] {
    context.facts.filter { $0[0] == vertex }.map { $0[1] }
  }

  // MARK: Answers

  public func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard let (kind, from, to) = parts(of: question) else { return .malformed }
    switch kind {
    case .distance, .step: return .open
    case .edge: return .primitive(Answer([hasEdge(from, to, in: context) ? Self.yes : Self.no]))
    case .neighbor:
      var random = key.generator(.lookUps)
      return .primitive(Answer([neighbors(of: from, in: context).randomElement(using: &random) ?? noVertex]))
    }
  }

  public func truth(of question: Question, in context: Context) -> Answer {
    guard let (kind, from, to) = parts(of: question) else { return .unknown(length: 1) }
    switch kind {
    case .distance: return Answer([length(from, to, in: context).map(distance) ?? noDistance])
    case .step: return Answer([steps(from, to, in: context).first ?? noVertex])
    case .neighbor: return Answer([neighbors(of: from, in: context).first ?? noVertex])
    case .edge: return Answer([hasEdge(from, to, in: context) ? Self.yes : Self.no])
    }
  }

  /// All first steps of shortest paths.
  private func steps(_ from: Token, _ to: Token, in context: Context) -> [Token] {
    let levels = levels(to: vertices.index(of: to), from: sources(in: context))
    guard let length = levels.firstIndex(where: { $0 & bit(from) != 0 }), length > 0 else { return [] }
    return neighbors(of: from, in: context).filter { levels[length - 1] & bit($0) != 0 }
  }

  public func isRight(_ answer: Answer, to question: Question, in context: Context) -> Bool {
    guard let (kind, from, to) = parts(of: question), let token = answer.tokens.first, vertices.contains(token) else {
      return answer == truth(of: question, in: context)
    }
    switch kind {
    case .step: return steps(from, to, in: context).contains(token)
    case .neighbor: return hasEdge(from, token, in: context)
    case .distance, .edge: return false
    }
  }

  // MARK: Decomposition

  public func decide(_ transcript: Transcript) -> Decision {
    guard let (kind, from, to) = parts(of: transcript.question) else { return .answer(.unknown(length: 1)) }
    let heard = transcript.steps.map { $0.answer.tokens.first ?? 0 }
    switch kind {
    case .neighbor, .edge: return heard.first.map { .answer(Answer([$0])) } ?? .ask(transcript.question)
    case .distance: return decideDistance(from, to, heard)
    case .step: return decideStep(from, to, heard)
    }
  }

  private func decideDistance(_ from: Token, _ to: Token, _ heard: [Token]) -> Decision {
    if from == to { return .answer(Answer([distance(0)])) }
    guard let isEdge = heard.first else { return .ask(question(.edge, from, to)) }
    if isEdge == Self.yes { return .answer(Answer([distance(1)])) }
    guard heard.count > 1 else { return .ask(question(.step, from, to)) }
    guard vertices.contains(heard[1]) else {
      return .answer(heard[1] == noVertex ? Answer([noDistance]) : .unknown(length: 1))
    }
    guard heard.count > 2 else { return .ask(question(.distance, heard[1], to)) }
    guard isDistance(heard[2]) else { return .answer(.unknown(length: 1)) }
    return .answer(Answer([min(heard[2] + 1, noDistance)]))
  }

  /// Always the same sub-questions in the same order, also where the answer is plain before: so it is easier to imitate.
  private func decideStep(_ from: Token, _ to: Token, _ heard: [Token]) -> Decision {
    if from == to { return .answer(Answer([noVertex])) }
    switch heard.count {
    case 0: return .ask(question(.edge, from, to))
    case 1: return heard[0] == Self.yes ? .answer(Answer([to])) : .ask(question(.step, from, to))
    case 2: return .ask(question(.edge, from, heard[1]))
    case 3: return .ask(question(.distance, heard[1], to))
    case 4: return .ask(question(.neighbor, from))
    case 5: return .ask(question(.distance, heard[4], to))
    default: break
    }
    let proposed = heard[2] == Self.yes && isDistance(heard[3]) ? heard[3] : noDistance
    let drawn = isDistance(heard[5]) ? heard[5] : noDistance
    if min(proposed, drawn) == noDistance { return .answer(Answer([noVertex])) }
    return .answer(Answer([proposed <= drawn ? heard[1] : heard[4]]))
  }

  public func difficulty(of question: Question, in context: Context) -> String {
    guard let (kind, from, to) = parts(of: question), kind == .distance || kind == .step else { return "other" }
    guard let length = length(from, to, in: context) else { return "\(kind.word) none" }
    return length < 5 ? "\(kind.word) \(length)" : "\(kind.word) 5 or more"
  }

  private func question(_ kind: Kind, _ from: Token, _ to: Token = 0) -> Question {
    Question([kind.rawValue, from, to])
  }

  public func isQuestion(_ question: Question) -> Bool { parts(of: question) != nil }

  private func parts(of question: Question) -> (kind: Kind, from: Token, to: Token)? {
    guard question.tokens.count == questionLength, let kind = Kind(rawValue: question.tokens[0]) else { return nil }
    let (from, to) = (question.tokens[1], question.tokens[2])
    guard vertices.contains(from), kind == .neighbor ? to == 0 : vertices.contains(to) else { return nil }
    return (kind, from, to)
  }
}

// MARK: - Words

extension Path {
  public var guide: String {
    """
    A fact 12->7 is an edge from 12 to 7, which leads one way. Of distance 12 7, ask edge 12 7: if yes, it is 1; else ask \
    step 12 7, then the distance from there, and add 1. Of step 12 7, ask edge 12 7: if yes, it is 7; else ask step 12 7 for \
    a proposal, whether there is an edge to it and its distance to 7, then neighbor 12 and its distance to 7; the nearer of \
    both is the answer, none if from neither a way is known.
    """
  }

  public func meaning(of question: Question) -> String {
    guard let (kind, from, to) = parts(of: question) else { return "no question" }
    let (one, other) = (vertices.write(from), vertices.write(to))
    switch kind {
    case .distance: return "how many edges the shortest way from \(one) to \(other) has; none if there is no way"
    case .step: return "where the first edge of a shortest way from \(one) to \(other) leads; none if there is no way"
    case .neighbor: return "somewhere that an edge from \(one) leads, drawn at random"
    case .edge: return "whether an edge leads from \(one) to \(other): yes or no"
    }
  }
}

// MARK: - Notation

extension Path {
  public var forms: [String] { ["distance 1 2", "step 1 2", "edge 1 2", "neighbor 1"] }

  public func write(fact: [Token]) -> String { "\(vertices.write(fact[0]))->\(vertices.write(fact[1]))" }

  public func write(_ answer: Answer) -> String {
    switch answer.tokens.first ?? 0 {
    case Self.yes: "yes"
    case Self.no: "no"
    case noVertex, noDistance: "none"
    case let token where vertices.contains(token): vertices.write(token)
    case let token where isDistance(token): "\(token - distance(0))"
    default: "?"
    }
  }

  public func write(_ question: Question) -> String {
    guard let (kind, from, to) = parts(of: question) else { return Self.malformed(question) }
    return "\(kind.word) \(vertices.write(from))" + (kind == .neighbor ? "" : " \(vertices.write(to))")
  }

  public func readFact(_ text: String) throws -> [Token] {
    guard let match = text.wholeMatch(of: /(\d+)\s*->\s*(\d+)/) else {
      throw NotationError("“\(text.prefix(80))” is no fact: a fact is an edge, written 12->7")
    }
    return [try vertices.read(match.1), try vertices.read(match.2)]
  }

  public func readQuestion(_ text: String) throws -> Question {
    let text = text.trimmed
    if let match = text.wholeMatch(of: /(distance|step|edge)\s+(\d+)\s+(\d+)/),
      let kind = Kind.allCases.first(where: { $0.word == match.1 })
    {
      return question(kind, try vertices.read(match.2), try vertices.read(match.3))
    }
    if let match = text.wholeMatch(of: /neighbor\s+(\d+)/) { return question(.neighbor, try vertices.read(match.1)) }
    throw NotationError(
      "“\(text.prefix(80))” is no question: questions are written distance 12 7, step 12 7, edge 12 7 or neighbor 12")
  }

  public func checked(_ context: Context) throws -> Context {
    guard !context.facts.isEmpty else { throw NotationError("a context has at least one edge, such as 12->7") }
    for (row, edge) in context.facts.enumerated() {
      guard edge[0] != edge[1] else {
        throw NotationError(
          "\(write(fact: edge)) is an edge from a vertex to itself: it shortens no path, leave it out")
      }
      guard !context.facts[..<row].contains(edge) else { throw NotationError("\(write(fact: edge)) is given twice") }
    }
    return context
  }
}
