import Amplification

extension Path {
  public var guide: String {
    """
    A fact 12->7 is an edge from 12 to 7, which leads one way. Of distance 12 7, ask edge 12 7: if yes, it is 1; else ask \
    step 12 7, then the distance from there, and add 1. Of step 12 7, ask edge 12 7: if yes, it is 7; else ask step 12 7 for \
    a proposal, whether there is an edge to it and its distance to 7, then neighbor 12 and its distance to 7; the nearer of \
    both is the answer, none if from neither a way is known. If none is proposed, ask neighbor 12 for another in its place.
    """
  }

  public func meaning(of question: Question) -> String {
    guard let (kind, from, to) = grammar.parts(of: question) else { return "no question" }
    let (one, other) = (vertices.write(from), vertices.write(to))
    switch kind {
    case .distance: return "how many edges the shortest way from \(one) to \(other) has; none if there is no way"
    case .step: return "where the first edge of a shortest way from \(one) to \(other) leads; none if there is no way"
    case .neighbor: return "somewhere that an edge from \(one) leads, drawn at random"
    case .edge: return "whether an edge leads from \(one) to \(other): yes or no"
    }
  }

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

  public func write(_ question: Question) -> String { grammar.write(question) ?? Self.malformed(question) }

  public func readFact(_ text: String) throws -> [Token] {
    guard let match = text.wholeMatch(of: /(\d+)\s*->\s*(\d+)/) else {
      throw NotationError("“\(text.prefix(80))” is no fact: a fact is an edge, written 12->7")
    }
    return [try vertices.read(match.1), try vertices.read(match.2)]
  }

  public func readQuestion(_ text: String) throws -> Question { try grammar.read(text.trimmed) }
}
