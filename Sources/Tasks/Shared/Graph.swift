import Amplification

/// Vertices, and the edges between them that the facts of a context say.
struct Graph: Sendable {
  let vertices: TokenRun
  /// Whether an edge leads from the first vertex of its fact to the second alone.
  let isDirected: Bool

  /// The vertices that an edge of this one leads to, in the order of the facts.
  func neighbors(of vertex: Token, in context: Context) -> [Token] {
    context.facts.compactMap { fact in
      guard vertices.contains(fact[1]) else { return nil }
      if fact[0] == vertex { return fact[1] }
      return fact[1] == vertex && !isDirected ? fact[0] : nil
    }
  }

  func hasEdge(_ from: Token, _ to: Token, in context: Context) -> Bool {
    neighbors(of: from, in: context).contains(to)
  }

  // MARK: Sets of vertices, of which there are 64 at most, as the bits of a word

  func bit(_ vertex: Token) -> UInt64 { 1 << vertices.index(of: vertex) }

  /// Of every vertex of a directed graph, by index, those with an edge to it.
  func sources(in context: Context) -> [UInt64] {
    var sources = [UInt64](repeating: 0, count: vertices.count)
    for edge in context.facts { sources[vertices.index(of: edge[1])] |= bit(edge[0]) }
    return sources
  }

  /// By length, the vertices whose shortest way to the goal is so long.
  func levels(to goal: Int, from sources: [UInt64]) -> [UInt64] {
    var levels: [UInt64] = []
    var seen: UInt64 = 0
    var next: UInt64 = 1 << goal
    while next != 0 {
      levels.append(next)
      seen |= next
      let newest = next
      next = 0
      for vertex in sources.indices where newest >> vertex & 1 == 1 { next |= sources[vertex] }
      next &= ~seen
    }
    return levels
  }
}
