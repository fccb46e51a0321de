import Amplification
import Randomness

/// Labels on a forest: given undirected edges `12-7` and the label of one vertex of each tree, `label(7)=3`, what is
/// `label 12`, the `depth 12` (edges to the labelled vertex), and the next vertex `toward 12` that one?
///
/// A vertex has the label of the next one towards the labelled one, and is one deeper. Which neighbour that is, X
/// proposes; H compares its depth with that of a neighbour drawn at random. Tokens: six kinds of question, yes and no, the
/// vertices and no vertex, the labels 1…8 and no label, the depths 0…size. A fact is (vertex, vertex) or (vertex, label), a
/// question its kind and two more tokens.
public struct Forest: TokenTask {
  public static let kind = TaskKind(
    "forest", "labels that spread over a forest: label 12, depth 12, toward 12, given 12-7, label(7)=3"
  ) { size, _ in Forest(size: size) }
  public var kind: TaskKind { Self.kind }

  public static let labels = 8

  private enum Kind: Token, CaseIterable {
    case label = 1, depth, toward, neighbor, edge, ownLabel

    var word: String { self == .ownLabel ? "label?" : "\(self)" }
  }

  private static let yes: Token = 7
  private static let no: Token = 8

  public let size: Int
  public let factLength = 2
  public let questionLength = 3
  public let answerLength = 1
  /// Its own label; X's proposal, the edge to it and its depth; a draw and its depth.
  public let mostSteps = 6
  public var vocabulary: Int { Int(depth(size)) + 1 }
  public var alphabets: [Alphabet] {
    [
      .names(Self.yes...Self.no), .names(vertices.first...noVertex), .names(label(1)...noLabel),
      .numbers(depth(0)...depth(size), from: 0),
    ]
  }

  /// - Parameter size: vertices, 4…64.
  public init(size: Int) {
    self.size = size
  }

  private var vertices: Vertices { Vertices(first: Self.no + 1, count: size) }
  private var noVertex: Token { vertices.end }
  private func label(_ number: Int) -> Token { noVertex + Token(number) }
  private var noLabel: Token { label(Self.labels + 1) }
  private func depth(_ length: Int) -> Token { noLabel + 1 + Token(length) }
  private func isLabel(_ token: Token) -> Bool { (label(1)..<noLabel).contains(token) }
  private func isDepth(_ token: Token) -> Bool { (depth(0)...depth(size)).contains(token) }

  // MARK: Contexts

  /// √n roots; every further vertex hangs on a uniform one before it. A uniform vertex of each tree bears a label.
  public func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context {
    let chosen = (1...size).shuffled(using: &random).prefix(elements).map { vertices[$0] }
    let roots = max(1, Int(Double(elements).squareRoot()))
    var trees = (0..<min(roots, elements)).map { [chosen[$0]] }
    var tree = Array(trees.indices)
    var facts: [[Token]] = []
    for index in chosen.indices.dropFirst(roots) {
      let above = Int.random(in: 0..<index, using: &random)
      tree.append(tree[above])
      trees[tree[above]].append(chosen[index])
      facts.append([chosen[above], chosen[index]].shuffled(using: &random))
    }
    for members in trees {
      facts.append([
        members[Int.random(in: members.indices, using: &random)],
        label(Int.random(in: 1...Self.labels, using: &random)),
      ])
    }
    return Context(facts: facts.shuffled(using: &random))
  }

  /// A label, depth or next vertex, of a vertex whose depth is uniform among those that occur.
  ///
  /// The next vertex is never asked of a labelled vertex, which has none; its label and depth are.
  public func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question {
    let kind = [Kind.label, .depth, .toward][Int.random(in: 0..<3, using: &random)]
    var byDepth: [Int: [Token]] = [:]
    for (vertex, place) in places(in: context) where kind != .toward || place.depth > 0 {
      byDepth[place.depth, default: []].append(vertex)
    }
    guard let depth = byDepth.keys.sorted().randomElement(using: &random),
      let vertex = byDepth[depth]?.sorted().randomElement(using: &random)
    else { return question(.label, context.facts.first?[0] ?? vertices[1]) }
    return question(kind, vertex)
  }

  private struct Place {
    var depth: Int
    var label: Token
    var toward: Token
  }

  /// Where every vertex is that hangs together with a labelled one.
  private func places(in context: Context) -> [Token: Place] {
    var places: [Token: Place] = [:]
    var frontier: [Token] = []
    for fact in context.facts where isLabel(fact[1]) {
      places[fact[0]] = Place(depth: 0, label: fact[1], toward: noVertex)
      frontier.append(fact[0])
    }
    while !frontier.isEmpty {
      var next: [Token] = []
      for vertex in frontier {
        guard let place = places[vertex] else { continue }
        for neighbor in neighbors(of: vertex, in: context) where places[neighbor] == nil {
          places[neighbor] = Place(depth: place.depth + 1, label: place.label, toward: vertex)
          next.append(neighbor)
        }
      }
      frontier = next
    }
    return places
  }

  private func neighbors(of vertex: Token, in context: Context) -> [Token] {
    context.facts.compactMap { fact in
      guard vertices.contains(fact[1]) else { return nil }
      return fact[0] == vertex ? fact[1] : fact[1] == vertex ? fact[0] : nil
    }
  }

  // MARK: Answers

  public func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard let (kind, vertex, _) = parts(of: question) else { return .malformed }
    switch kind {
    case .label, .depth, .toward: return .open
    case .edge, .ownLabel: return .primitive(truth(of: question, in: context))
    case .neighbor:
      var random = key.generator(.lookUps)
      return .primitive(Answer([neighbors(of: vertex, in: context).randomElement(using: &random) ?? noVertex]))
    }
  }

  public func truth(of question: Question, in context: Context) -> Answer {
    let unknown = Answer.unknown(length: 1)
    guard let (kind, vertex, other) = parts(of: question) else { return unknown }
    switch kind {
    case .label: return places(in: context)[vertex].map { Answer([$0.label]) } ?? unknown
    case .depth: return places(in: context)[vertex].map { Answer([depth($0.depth)]) } ?? unknown
    case .toward: return places(in: context)[vertex].map { Answer([$0.toward]) } ?? unknown
    case .neighbor: return Answer([neighbors(of: vertex, in: context).first ?? noVertex])
    case .edge: return Answer([neighbors(of: vertex, in: context).contains(other) ? Self.yes : Self.no])
    case .ownLabel: return Answer([context.facts.first { $0[0] == vertex && isLabel($0[1]) }?[1] ?? noLabel])
    }
  }

  public func isRight(_ answer: Answer, to question: Question, in context: Context) -> Bool {
    guard let (kind, vertex, _) = parts(of: question), kind == .neighbor, let token = answer.tokens.first,
      vertices.contains(token)
    else { return answer == truth(of: question, in: context) }
    return neighbors(of: vertex, in: context).contains(token)
  }

  // MARK: Decomposition

  public func decide(_ transcript: Transcript) -> Decision {
    let unknown = Decision.answer(.unknown(length: 1))
    guard let (kind, vertex, _) = parts(of: transcript.question) else { return unknown }
    let heard = transcript.steps.map { $0.answer.tokens.first ?? 0 }
    guard let own = heard.first else {
      let isPrimitive = [.neighbor, .edge, .ownLabel].contains(kind)
      return .ask(isPrimitive ? transcript.question : question(.ownLabel, vertex))
    }
    switch kind {
    case .neighbor, .edge, .ownLabel: return .answer(Answer([own]))
    case .toward: return decideToward(vertex, heard)
    case .label, .depth:
      if isLabel(own) { return .answer(Answer([kind == .label ? own : depth(0)])) }
      guard heard.count > 1 else { return .ask(question(.toward, vertex)) }
      guard vertices.contains(heard[1]) else { return unknown }
      guard heard.count > 2 else { return .ask(question(kind, heard[1])) }
      if kind == .label { return isLabel(heard[2]) ? .answer(Answer([heard[2]])) : unknown }
      return isDepth(heard[2]) ? .answer(Answer([min(heard[2] + 1, depth(size))])) : unknown
    }
  }

  /// Always the same sub-questions in the same order, also where the answer is plain before: so it is easier to imitate.
  private func decideToward(_ vertex: Token, _ heard: [Token]) -> Decision {
    switch heard.count {
    case 1: return isLabel(heard[0]) ? .answer(Answer([noVertex])) : .ask(question(.toward, vertex))
    case 2: return .ask(question(.edge, vertex, heard[1]))
    case 3: return .ask(question(.depth, heard[1]))
    case 4: return .ask(question(.neighbor, vertex))
    case 5: return .ask(question(.depth, heard[4]))
    default: break
    }
    let proposed = heard[2] == Self.yes && isDepth(heard[3]) ? heard[3] : .max
    let drawn = isDepth(heard[5]) ? heard[5] : .max
    if min(proposed, drawn) == .max { return .answer(.unknown(length: 1)) }
    return .answer(Answer([proposed <= drawn ? heard[1] : heard[4]]))
  }

  public func difficulty(of question: Question, in context: Context) -> String {
    guard let (kind, vertex, _) = parts(of: question), [.label, .depth, .toward].contains(kind),
      let depth = places(in: context)[vertex]?.depth
    else { return "other" }
    return depth < 5 ? "\(kind.word) at \(depth)" : "\(kind.word) at 5 or more"
  }

  private func question(_ kind: Kind, _ vertex: Token, _ other: Token = 0) -> Question {
    Question([kind.rawValue, vertex, other])
  }

  public func isQuestion(_ question: Question) -> Bool { parts(of: question) != nil }

  public func answers(to question: Question) -> Alphabet? {
    switch parts(of: question)?.kind {
    case .edge: alphabets[0]
    case .toward, .neighbor: alphabets[1]
    case .label, .ownLabel: alphabets[2]
    case .depth: alphabets[3]
    case nil: nil
    }
  }

  private func parts(of question: Question) -> (kind: Kind, vertex: Token, other: Token)? {
    guard question.tokens.count == questionLength, let kind = Kind(rawValue: question.tokens[0]) else { return nil }
    let (vertex, other) = (question.tokens[1], question.tokens[2])
    guard vertices.contains(vertex), kind == .edge ? vertices.contains(other) : other == 0 else { return nil }
    return (kind, vertex, other)
  }
}

// MARK: - Words

extension Forest {
  public var guide: String {
    """
    A fact 12-7 is an edge between 12 and 7, label(7)=3 says that 7 bears the label 3. In every tree one vertex bears one, \
    which is the label of all. Of label 12, ask label? 12: if it is not none, that is it; else ask toward 12, then the label \
    of that vertex. Of depth 12, ask the same and add 1; who bears the label has depth 0. Of toward 12, ask label? 12: if it \
    is not none, the answer is none; else ask toward 12 for a proposal, whether there is an edge to it and its depth, then \
    neighbor 12 and its depth; the one that is less deep is the answer.
    """
  }

  public func meaning(of question: Question) -> String {
    guard let (kind, vertex, other) = parts(of: question) else { return "no question" }
    let one = vertices.write(vertex)
    switch kind {
    case .label: return "the label of the tree that \(one) is in"
    case .depth: return "how many edges lie between \(one) and the vertex of its tree that bears the label"
    case .toward:
      return "the next vertex on the way from \(one) to the one that bears the label; none if it is that one"
    case .neighbor: return "some vertex that has an edge with \(one), drawn at random"
    case .edge: return "whether there is an edge between \(one) and \(vertices.write(other)): yes or no"
    case .ownLabel: return "the label that \(one) itself bears; none if it bears none"
    }
  }
}

// MARK: - Notation

extension Forest {
  public var forms: [String] { ["label 3", "toward 3", "depth 3", "neighbor 3", "edge 3 4", "label? 3"] }

  public func write(fact: [Token]) -> String {
    isLabel(fact[1])
      ? "label(\(vertices.write(fact[0])))=\(fact[1] - label(0))"
      : "\(vertices.write(fact[0]))-\(vertices.write(fact[1]))"
  }

  public func write(_ answer: Answer) -> String {
    switch answer.tokens.first ?? 0 {
    case Self.yes: "yes"
    case Self.no: "no"
    case noVertex, noLabel: "none"
    case let token where vertices.contains(token): vertices.write(token)
    case let token where isLabel(token): "\(token - label(0))"
    case let token where isDepth(token): "\(token - depth(0))"
    default: "?"
    }
  }

  public func write(_ question: Question) -> String {
    guard let (kind, vertex, other) = parts(of: question) else { return Self.malformed(question) }
    return "\(kind.word) \(vertices.write(vertex))" + (kind == .edge ? " \(vertices.write(other))" : "")
  }

  public func readFact(_ text: String) throws -> [Token] {
    if let match = text.wholeMatch(of: /(\d+)\s*-\s*(\d+)/) {
      return [try vertices.read(match.1), try vertices.read(match.2)]
    }
    if let match = text.wholeMatch(of: /label\(\s*(\d+)\s*\)\s*=\s*(\d+)/) {
      guard let number = Int(match.2), (1...Self.labels).contains(number) else {
        throw NotationError("“\(match.2.prefix(20))” is no label: labels are 1 to \(Self.labels)")
      }
      return [try vertices.read(match.1), label(number)]
    }
    throw NotationError("“\(text.prefix(80))” is no fact: facts are written 12-7 or label(7)=3")
  }

  public func readQuestion(_ text: String) throws -> Question {
    let text = text.trimmed
    if let match = text.wholeMatch(of: /(label\??|depth|toward|neighbor)\s+(\d+)/),
      let kind = Kind.allCases.first(where: { $0.word == match.1 })
    {
      return question(kind, try vertices.read(match.2))
    }
    if let match = text.wholeMatch(of: /edge\s+(\d+)\s+(\d+)/) {
      return question(.edge, try vertices.read(match.1), try vertices.read(match.2))
    }
    throw NotationError(
      "“\(text.prefix(80))” is no question: questions are written label 12, depth 12, toward 12, neighbor 12, "
        + "edge 12 7 or label? 12")
  }

  public func checked(_ context: Context) throws -> Context {
    var tree: [Token: Token] = [:]
    func root(_ vertex: Token) -> Token {
      var vertex = vertex
      while let above = tree[vertex], above != vertex { vertex = above }
      return vertex
    }
    for edge in context.facts where vertices.contains(edge[1]) {
      let (a, b) = (root(edge[0]), root(edge[1]))
      guard a != b else { throw NotationError("\(write(fact: edge)) closes a circle: the edges have to be a forest") }
      tree[a] = b
      tree[b] = b
    }
    var labelled: Set<Token> = []
    for fact in context.facts where isLabel(fact[1]) {
      guard labelled.insert(root(fact[0])).inserted else {
        throw NotationError("\(write(fact: fact)) is a second label in one tree: each has one")
      }
    }
    for fact in context.facts where !labelled.contains(root(fact[0])) {
      throw NotationError(
        "the tree of \(vertices.write(fact[0])) has no label: each has one, such as label(\(vertices.write(fact[0])))=3"
      )
    }
    guard !context.facts.isEmpty else { throw NotationError("a context has at least one label, such as label(7)=3") }
    return context
  }
}
