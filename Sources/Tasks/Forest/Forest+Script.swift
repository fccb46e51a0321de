import Amplification

extension Forest {
  public func decide(_ transcript: Transcript) -> Decision {
    guard let (kind, vertex, _) = grammar.parts(of: transcript.question) else { return .answer(unknown) }
    let heard = transcript.steps.map { $0.answer.tokens.first ?? 0 }
    guard let own = heard.first else {
      let isPrimitive = [.neighbor, .edge, .ownLabel].contains(kind)
      return .ask(isPrimitive ? transcript.question : grammar.question(.ownLabel, vertex))
    }
    switch kind {
    case .neighbor, .edge, .ownLabel: return .answer(Answer([own]))
    case .toward: return decideToward(vertex, heard)
    case .label, .depth:
      if isLabel(own) { return .answer(Answer([kind == .label ? own : depth(0)])) }
      guard heard.count > 1 else { return .ask(grammar.question(.toward, vertex)) }
      guard vertices.contains(heard[1]) else { return .answer(unknown) }
      guard heard.count > 2 else { return .ask(grammar.question(kind, heard[1])) }
      if kind == .label { return .answer(isLabel(heard[2]) ? Answer([heard[2]]) : unknown) }
      return .answer(isDepth(heard[2]) ? Answer([min(heard[2] + 1, depth(size))]) : unknown)
    }
  }

  private func decideToward(_ vertex: Token, _ heard: [Token]) -> Decision {
    if isLabel(heard[0]), heard.count == 1 { return .answer(Answer([noVertex])) }
    return NextVertex(
      question: grammar.question(.toward, vertex), neighbor: grammar.question(.neighbor, vertex),
      edge: { grammar.question(.edge, vertex, $0) }, yes: Self.yes,
      isVertex: { vertices.contains($0) }, distance: { grammar.question(.depth, $0) },
      isLength: isDepth, none: unknown
    ).decide(Array(heard.dropFirst()))
  }
}
