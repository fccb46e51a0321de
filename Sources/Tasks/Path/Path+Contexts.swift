import Amplification
import Randomness

extension Path {
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
    let sources = graph.sources(in: context)
    let present = context.facts.joined().reduce(into: UInt64(0)) { $0 |= graph.bit($1) }
    // By length; in the last row those between which there is no path.
    var rows = [[(from: UInt64, to: Int)]](repeating: [], count: size + 2)
    for to in 0..<size where present >> to & 1 == 1 {
      let levels = graph.levels(to: to, from: sources)
      for (length, from) in levels.enumerated().dropFirst() { rows[length].append((from, to)) }
      let unreached = levels.reduce(present) { $0 & ~$1 }
      if unreached != 0 { rows[size + 1].append((unreached, to)) }
    }
    let kind = Bool.random(using: &random) ? Asking.distance : .step
    let pairs = rows.filter { !$0.isEmpty }.randomElement(using: &random)?.flatMap { row in
      (0..<size).filter { row.from >> $0 & 1 == 1 }.map { (from: $0, to: row.to) }
    }
    guard let pair = pairs?.randomElement(using: &random) else {
      return grammar.question(kind, vertices[1], vertices[2])
    }
    return grammar.question(kind, vertices[pair.from + 1], vertices[pair.to + 1])
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
