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

  enum Asking: Token {
    case label = 1, depth, toward, neighbor, edge, ownLabel
  }

  static let yes: Token = 7
  static let no: Token = 8

  public let size: Int
  public let factLength = 2
  public let answerLength = 1
  /// Its own label; X's proposal, the edge to it and its depth; a draw and its depth.
  public let mostSteps = 6
  public var questionLength: Int { grammar.questionLength }
  public var vocabulary: Int { Int(depth(size)) + 1 }
  public var alphabets: [Alphabet] {
    [
      .names(Self.yes...Self.no), .names(vertices.first...noVertex, none: noVertex), .names(label(1)...noLabel),
      .numbers(depth(0)...depth(size), from: 0),
    ]
  }

  let grammar: Grammar<Asking>
  let graph: Graph

  /// - Parameter size: vertices, 4…64.
  public init(size: Int) {
    self.size = size
    let vertices = TokenRun.vertices(from: Self.no + 1, count: size)
    graph = Graph(vertices: vertices, isDirected: false)
    grammar = Grammar(
      [
        .init(.label, "label _", vertices), .init(.depth, "depth _", vertices), .init(.toward, "toward _", vertices),
        .init(.neighbor, "neighbor _", vertices), .init(.edge, "edge _ _", vertices, vertices),
        .init(.ownLabel, "label? _", vertices),
      ],
      allowed: "questions are written label 12, depth 12, toward 12, neighbor 12, edge 12 7 or label? 12")
  }

  var vertices: TokenRun { graph.vertices }
  var noVertex: Token { vertices.end }
  func label(_ number: Int) -> Token { noVertex + Token(number) }
  var noLabel: Token { label(Self.labels + 1) }
  func depth(_ length: Int) -> Token { noLabel + 1 + Token(length) }
  func isLabel(_ token: Token) -> Bool { (label(1)..<noLabel).contains(token) }
  func isDepth(_ token: Token) -> Bool { (depth(0)...depth(size)).contains(token) }

  public func isQuestion(_ question: Question) -> Bool { grammar.isQuestion(question) }

  public func answers(to question: Question) -> Alphabet? {
    switch grammar.parts(of: question)?.kind {
    case .edge: alphabets[0]
    case .toward, .neighbor: alphabets[1]
    case .label, .ownLabel: alphabets[2]
    case .depth: alphabets[3]
    case nil: nil
    }
  }
}

// MARK: - Answers

extension Forest {
  public func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard let (kind, vertex, _) = grammar.parts(of: question) else { return .malformed }
    switch kind {
    case .label, .depth, .toward: return .open
    case .edge, .ownLabel: return .primitive(truth(of: question, in: context))
    case .neighbor:
      var random = key.generator(.lookUps)
      return .primitive(Answer([graph.neighbors(of: vertex, in: context).randomElement(using: &random) ?? noVertex]))
    }
  }

  public func truth(of question: Question, in context: Context) -> Answer {
    guard let (kind, vertex, other) = grammar.parts(of: question) else { return unknown }
    switch kind {
    case .label: return places(in: context)[vertex].map { Answer([$0.label]) } ?? unknown
    case .depth: return places(in: context)[vertex].map { Answer([depth($0.depth)]) } ?? unknown
    case .toward: return places(in: context)[vertex].map { Answer([$0.toward]) } ?? unknown
    case .neighbor: return Answer([graph.neighbors(of: vertex, in: context).first ?? noVertex])
    case .edge: return Answer([graph.hasEdge(vertex, other, in: context) ? Self.yes : Self.no])
    case .ownLabel: return Answer([context.facts.first { $0[0] == vertex && isLabel($0[1]) }?[1] ?? noLabel])
    }
  }

  public func isRight(_ answer: Answer, to question: Question, in context: Context) -> Bool {
    guard let (kind, vertex, _) = grammar.parts(of: question), kind == .neighbor, let token = answer.tokens.first,
      vertices.contains(token)
    else { return answer == truth(of: question, in: context) }
    return graph.hasEdge(vertex, token, in: context)
  }

  public func questionClass(of question: Question, in context: Context) -> String {
    guard let (kind, vertex, _) = grammar.parts(of: question), [.label, .depth, .toward].contains(kind),
      let depth = places(in: context)[vertex]?.depth
    else { return "other" }
    return depth < 5 ? "\(kind) at \(depth)" : "\(kind) at 5 or more"
  }
}
