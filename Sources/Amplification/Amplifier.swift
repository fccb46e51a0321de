/// `Amplify^H(X)` of the paper, for a batch of questions at once.
///
/// H takes a question apart, one sub-question after the other, each chosen after hearing the answers before it. A
/// sub-question is looked up if the facts answer it; otherwise X answers it, or, at a depth above 1, it is itself
/// amplified to the depth below.
///
/// All open questions of a batch advance in lockstep, so that H and X see large batches; the answer to a question does
/// not depend on which others it shares its batch with beyond the rounding of floating-point sums.
public struct Amplifier {
  let overseer: any Overseer
  let answerer: any Answerer
  let facts: any Facts
  let mostSteps: Int

  /// - Parameter mostSteps: an overseer that asks more sub-questions than this of one question answers `?`.
  public init(overseer: any Overseer, answerer: any Answerer, facts: any Facts, mostSteps: Int) {
    self.overseer = overseer
    self.answerer = answerer
    self.facts = facts
    self.mostSteps = mostSteps
  }

  /// One tree a question, in order.
  ///
  /// - Parameter depth: at least 1; how many levels of overseers stand above X.
  public func amplify(_ asked: [Asked], in contexts: [Context], depth: Int = 1) throws -> [AmplificationTree] {
    let unknown = Answer.unknown(length: facts.answerLength)
    var trees = asked.map { AmplificationTree($0.question, answer: unknown, by: overseer.author) }
    var open = Array(asked.indices)
    var heard: [Answer] = []
    var deliberation = try overseer.deliberate(on: asked.map(\.question))

    while !open.isEmpty {
      let decisions = try deliberation.decide(hearing: heard)
      var asking: [Int] = []
      var subQuestions: [Asked] = []
      for (row, decision) in zip(open, decisions) {
        switch decision {
        case .ask(let question):
          asking.append(row)
          subQuestions.append(Asked(question, about: asked[row].context))
        case .answer(let answer):
          trees[row].answer = answer
        }
      }
      if let first = asking.first, trees[first].children.count == mostSteps { break }

      let subtrees = try resolve(subQuestions, in: contexts, depth: depth - 1)
      for (row, subtree) in zip(asking, subtrees) { trees[row].children.append(subtree) }
      open = asking
      heard = subtrees.map(\.answer)
    }
    return trees
  }

  /// Answers sub-questions: by look-up, by X at depth 0, by amplification above.
  private func resolve(_ asked: [Asked], in contexts: [Context], depth: Int) throws -> [AmplificationTree] {
    var resolved: [AmplificationTree?] = asked.map { asked in
      switch facts.lookUp(asked.question, in: contexts[asked.context]) {
      case .primitive(let answer): AmplificationTree(asked.question, answer: answer, by: .lookUp)
      case .malformed:
        AmplificationTree(asked.question, answer: .unknown(length: facts.answerLength), by: .malformed)
      case .open: nil
      }
    }
    let open = resolved.indices.filter { resolved[$0] == nil }
    guard !open.isEmpty else { return resolved.compactMap(\.self) }
    let left = open.map { asked[$0] }
    if depth > 0 {
      for (row, tree) in zip(open, try amplify(left, in: contexts, depth: depth)) { resolved[row] = tree }
    } else {
      for (row, answer) in zip(open, try answerer.answer(left, in: contexts)) {
        resolved[row] = AmplificationTree(asked[row].question, answer: answer, by: answerer.author)
      }
    }
    return resolved.compactMap(\.self)
  }
}
