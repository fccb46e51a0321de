import Amplification

extension Path {
  public func decide(_ transcript: Transcript) -> Decision {
    guard let (kind, from, to) = grammar.parts(of: transcript.question) else { return .answer(unknown) }
    let heard = transcript.steps.map { $0.answer.tokens.first ?? 0 }
    switch kind {
    case .neighbor, .edge: return heard.first.map { .answer(Answer([$0])) } ?? .ask(transcript.question)
    case .distance: return decideDistance(from, to, heard)
    case .step: return decideStep(from, to, heard)
    }
  }

  private func decideDistance(_ from: Token, _ to: Token, _ heard: [Token]) -> Decision {
    if from == to { return .answer(Answer([distance(0)])) }
    guard let isEdge = heard.first else { return .ask(grammar.question(.edge, from, to)) }
    if isEdge == Self.yes { return .answer(Answer([distance(1)])) }
    guard heard.count > 1 else { return .ask(grammar.question(.step, from, to)) }
    guard vertices.contains(heard[1]) else {
      return .answer(heard[1] == noVertex ? Answer([noDistance]) : unknown)
    }
    guard heard.count > 2 else { return .ask(grammar.question(.distance, heard[1], to)) }
    guard isDistance(heard[2]) else { return .answer(unknown) }
    return .answer(Answer([min(heard[2] + 1, noDistance)]))
  }

  private func decideStep(_ from: Token, _ to: Token, _ heard: [Token]) -> Decision {
    if from == to { return .answer(Answer([noVertex])) }
    guard let isEdge = heard.first else { return .ask(grammar.question(.edge, from, to)) }
    if isEdge == Self.yes, heard.count == 1 { return .answer(Answer([to])) }
    return NextVertex(
      question: grammar.question(.step, from, to), neighbor: grammar.question(.neighbor, from),
      edge: { grammar.question(.edge, from, $0) }, yes: Self.yes,
      isVertex: { vertices.contains($0) }, distance: { grammar.question(.distance, $0, to) },
      isLength: { isDistance($0) && $0 != noDistance }, none: Answer([noVertex])
    ).decide(Array(heard.dropFirst()))
  }
}
