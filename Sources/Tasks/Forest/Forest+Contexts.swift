import Amplification
import Randomness

extension Forest {
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
    let kind = [Asking.label, .depth, .toward][Int.random(in: 0..<3, using: &random)]
    var byDepth: [Int: [Token]] = [:]
    for (vertex, place) in places(in: context) where kind != .toward || place.depth > 0 {
      byDepth[place.depth, default: []].append(vertex)
    }
    guard let depth = byDepth.keys.sorted().randomElement(using: &random),
      let vertex = byDepth[depth]?.sorted().randomElement(using: &random)
    else { return grammar.question(.label, context.facts.first?[0] ?? vertices[1]) }
    return grammar.question(kind, vertex)
  }

  /// Where a vertex is.
  struct Place {
    var depth: Int
    var label: Token
    var toward: Token
  }

  /// Where every vertex is that hangs together with a labelled one.
  func places(in context: Context) -> [Token: Place] {
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
        for neighbor in graph.neighbors(of: vertex, in: context) where places[neighbor] == nil {
          places[neighbor] = Place(depth: place.depth + 1, label: place.label, toward: vertex)
          next.append(neighbor)
        }
      }
      frontier = next
    }
    return places
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
