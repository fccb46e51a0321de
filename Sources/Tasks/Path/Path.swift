import Amplification
import Randomness

/// Shortest paths: given the edges of a directed graph as facts `12->7`, what is `distance 12 7`, and what is the first
/// `step 12 7` of a shortest path?
///
/// The distance is one more than that from the first step. The first step is the better of what X proposes and of a
/// neighbour drawn at random, as X's own distances from there tell; so every round of learning improves on X's proposal. Where
/// X proposes none, it is the better of two neighbours.
/// Tokens: four kinds of question, yes and no, the vertices and no vertex, the distances 0…size and no distance. A fact is
/// (from, to), a question its kind and two vertices.
public struct Path: TokenTask {
  public static let kind = TaskKind(
    "path", "shortest paths in a directed graph: distance 12 7 and step 12 7, given edges 12->7"
  ) { size, _ in Path(size: size) }
  public var kind: TaskKind { Self.kind }

  enum Asking: Token {
    case distance = 1, step, neighbor, edge
  }

  static let yes: Token = 5
  static let no: Token = 6

  public let size: Int
  public let factLength = 2
  public let answerLength = 1
  /// An edge to the goal; X's proposal, the edge to it and the distance from it; a draw and the distance from it.
  public let mostSteps = 6
  public var questionLength: Int { grammar.questionLength }
  public var vocabulary: Int { Int(noDistance) + 1 }
  public var alphabets: [Alphabet] {
    [
      .names(Self.yes...Self.no), .names(vertices.first...noVertex, none: noVertex),
      .numbers(distance(0)...noDistance, from: 0, none: noDistance),
    ]
  }

  let grammar: Grammar<Asking>
  let graph: Graph

  /// - Parameter size: vertices, 4…64.
  public init(size: Int) {
    self.size = size
    let vertices = TokenRun.vertices(from: Self.no + 1, count: size)
    graph = Graph(vertices: vertices, isDirected: true)
    grammar = Grammar(
      [
        .init(.distance, "distance _ _", vertices, vertices), .init(.step, "step _ _", vertices, vertices),
        .init(.neighbor, "neighbor _", vertices), .init(.edge, "edge _ _", vertices, vertices),
      ],
      allowed: "questions are written distance 12 7, step 12 7, edge 12 7 or neighbor 12")
  }

  var vertices: TokenRun { graph.vertices }
  var noVertex: Token { vertices.end }
  func distance(_ length: Int) -> Token { noVertex + 1 + Token(length) }
  var noDistance: Token { distance(size + 1) }
  func isDistance(_ token: Token) -> Bool { (distance(0)...noDistance).contains(token) }

  public func isQuestion(_ question: Question) -> Bool { grammar.isQuestion(question) }
}

// MARK: - Answers

extension Path {
  public func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard let (kind, from, to) = grammar.parts(of: question) else { return .malformed }
    switch kind {
    case .distance, .step: return .open
    case .edge: return .primitive(Answer([graph.hasEdge(from, to, in: context) ? Self.yes : Self.no]))
    case .neighbor:
      var random = key.generator(.lookUps)
      return .primitive(Answer([graph.neighbors(of: from, in: context).randomElement(using: &random) ?? noVertex]))
    }
  }

  public func truth(of question: Question, in context: Context) -> Answer {
    guard let (kind, from, to) = grammar.parts(of: question) else { return unknown }
    switch kind {
    case .distance: return Answer([length(from, to, in: context).map(distance) ?? noDistance])
    case .step: return Answer([steps(from, to, in: context).first ?? noVertex])
    case .neighbor: return Answer([graph.neighbors(of: from, in: context).first ?? noVertex])
    case .edge: return Answer([graph.hasEdge(from, to, in: context) ? Self.yes : Self.no])
    }
  }

  /// All first steps of shortest paths.
  private func steps(_ from: Token, _ to: Token, in context: Context) -> [Token] {
    let levels = graph.levels(to: vertices.index(of: to), from: graph.sources(in: context))
    guard let length = levels.firstIndex(where: { $0 & graph.bit(from) != 0 }), length > 0 else { return [] }
    return graph.neighbors(of: from, in: context).filter { levels[length - 1] & graph.bit($0) != 0 }
  }

  public func isRight(_ answer: Answer, to question: Question, in context: Context) -> Bool {
    guard let (kind, from, to) = grammar.parts(of: question), let token = answer.tokens.first, vertices.contains(token)
    else {
      return answer == truth(of: question, in: context)
    }
    switch kind {
    case .step: return steps(from, to, in: context).contains(token)
    case .neighbor: return graph.hasEdge(from, token, in: context)
    case .distance, .edge: return false
    }
  }

  private func length(_ from: Token, _ to: Token, in context: Context) -> Int? {
    graph.levels(to: vertices.index(of: to), from: graph.sources(in: context)).firstIndex { $0 & graph.bit(from) != 0 }
  }

  public func questionClass(of question: Question, in context: Context) -> String {
    guard let (kind, from, to) = grammar.parts(of: question), kind == .distance || kind == .step else { return "other" }
    guard let length = length(from, to, in: context) else { return "\(kind) none" }
    return length < 5 ? "\(kind) \(length)" : "\(kind) 5 or more"
  }
}
