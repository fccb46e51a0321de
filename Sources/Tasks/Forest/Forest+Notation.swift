import Amplification

extension Forest {
  public var guide: String {
    """
    A fact 12-7 is an edge between 12 and 7, label(7)=3 says that 7 bears the label 3. In every tree one vertex bears one, \
    which is the label of all. Of label 12, ask label? 12: if it is not none, that is it; else ask toward 12, then the label \
    of that vertex. Of depth 12, ask the same and add 1; who bears the label has depth 0. Of toward 12, ask label? 12: if it \
    is not none, the answer is none; else ask toward 12 for a proposal, whether there is an edge to it and its depth, then \
    neighbor 12 and its depth; the one that is less deep is the answer. If none is proposed, ask neighbor 12 for another in \
    its place.
    """
  }

  public func meaning(of question: Question) -> String {
    guard let (kind, vertex, other) = grammar.parts(of: question) else { return "no question" }
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

  public func write(_ question: Question) -> String { grammar.write(question) ?? Self.malformed(question) }

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

  public func readQuestion(_ text: String) throws -> Question { try grammar.read(text.trimmed) }
}
