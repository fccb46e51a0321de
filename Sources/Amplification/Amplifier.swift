/// `Amplify^H(X)` of the paper, for a batch of questions at once.
///
/// H takes a question apart, one sub-question after the other, each chosen after hearing the answers before it. A
/// sub-question is looked up if the facts answer it; otherwise X answers it, or, at a depth above 1, it is itself
/// amplified to the depth below. One that was answered before, about the same context at the same depth, is not answered
/// again. Above depth 1 only that may be amplified of which X is in doubt.
///
/// All open questions of a batch advance in lockstep, so that H and X see large batches; the answer to a question does
/// not depend on which others it shares its batch with beyond the rounding of floating-point sums and what they remember.
/// With a ``WaitingAnswerer`` each goes on by itself, as its answers come.
public struct Amplifier {
  let overseer: any Overseer
  let answerer: any Answerer
  let facts: any Facts
  let mostSteps: Int
  let doubt: Doubt?

  /// - Parameters:
  ///   - mostSteps: an overseer that asks more sub-questions than this of one question answers `?`.
  ///   - doubt: a sub-question that X answers with no more doubt than this is not amplified; nil: all are, to the full depth.
  public init(
    overseer: any Overseer, answerer: any Answerer, facts: any Facts, mostSteps: Int, doubt: Doubt? = nil
  ) {
    self.overseer = overseer
    self.answerer = answerer
    self.facts = facts
    self.mostSteps = mostSteps
    self.doubt = doubt
  }

  /// One tree a question, in order.
  ///
  /// - Parameter depth: at least 1; how many levels of overseers stand above X.
  /// - Throws: what the overseer or the answerer throws; `CancellationError` before the next step if its task is cancelled.
  public func amplify(_ asked: [Asked], in contexts: [Context], depth: Int = 1) async throws -> [AmplificationTree] {
    if let answerer = answerer as? any WaitingAnswerer {
      return try await amplifyEach(asked, in: contexts, depth: depth, by: answerer)
    }
    var memo = Memo()
    return try await amplify(asked, in: contexts, depth: depth, &memo)
  }

  private func amplify(
    _ asked: [Asked], in contexts: [Context], depth: Int, _ memo: inout Memo
  ) async throws -> [AmplificationTree] {
    var trees = asked.map { AmplificationTree($0.question, answer: facts.unknown, by: overseer.author) }
    var open = Array(asked.indices)
    var heard: [Answer] = []
    var deliberation = try await overseer.deliberate(on: asked.map(\.question), keys: asked.map(\.key))

    while !open.isEmpty {
      try Task.checkCancellation()
      let decisions = try await deliberation.decide(hearing: heard)
      for (row, doubt) in zip(open, deliberation.doubts) { trees[row].doubt += doubt }
      var asking: [Int] = []
      var subQuestions: [Asked] = []
      for (row, decision) in zip(open, decisions) {
        switch decision {
        case .ask(let question):
          asking.append(row)
          let key = asked[row].key.child(trees[row].turns.count)
          subQuestions.append(Asked(question, about: asked[row].context, key: key))
        case .answer(let answer):
          trees[row].answer = answer
        }
      }
      if let first = asking.first, trees[first].turns.count == mostSteps { break }

      let subtrees = try await resolve(subQuestions, in: contexts, depth: depth - 1, &memo)
      for (row, subtree) in zip(asking, subtrees) {
        trees[row].turns.append(Turn(.overseer, by: overseer.author, .asked(subtree)))
      }
      open = asking
      heard = subtrees.map(\.answer)
    }
    return trees
  }

  /// Answers sub-questions: by look-up, from memory, by X at depth 0, by amplification above.
  private func resolve(
    _ asked: [Asked], in contexts: [Context], depth: Int, _ memo: inout Memo
  ) async throws -> [AmplificationTree] {
    var resolved = asked.map { facts.lookedUp($0, in: contexts[$0.context]) }
    var unasked: Set<Memo.Entry> = []
    let new = resolved.indices.filter { row in
      guard resolved[row] == nil else { return false }
      let entry = Memo.Entry(asked[row], in: contexts, depth: depth)
      return memo.answers[entry] == nil && unasked.insert(entry).inserted
    }
    var left = new
    if depth == 0 || doubt != nil, !left.isEmpty {
      for (row, reply) in zip(left, try await answerer.reply(to: left.map { asked[$0] }, in: contexts)) {
        resolved[row] = AmplificationTree(asked[row].question, reply)
      }
      left = left.filter { row in resolved[row].map(isDoubtful) ?? true }
    }
    if depth > 0, !left.isEmpty {
      let trees = try await amplify(left.map { asked[$0] }, in: contexts, depth: depth, &memo)
      for (row, tree) in zip(left, trees) { resolved[row] = tree }
    }
    for row in new {
      memo.answers[Memo.Entry(asked[row], in: contexts, depth: depth)] = resolved[row].map(Memo.Known.init)
    }
    return zip(asked, resolved).map { asked, tree in
      tree ?? memo.answers[Memo.Entry(asked, in: contexts, depth: depth)]?.again(asked.question)
        ?? AmplificationTree(asked.question, answer: facts.unknown, by: .memo)
    }
  }

  /// Whether X's answer is to be amplified as far as its doubt goes.
  func isDoubtful(_ tree: AmplificationTree) -> Bool { doubt.map { tree.doubt > $0 } ?? false }
}

/// What was answered in one amplification.
struct Memo {
  struct Entry: Hashable {
    /// nil: one without facts, which is as any other without.
    let context: Int?
    let question: Question
    let depth: Int

    init(_ asked: Asked, in contexts: [Context], depth: Int) {
      context = contexts[asked.context].isEmpty ? nil : asked.context
      question = asked.question
      self.depth = depth
    }
  }

  struct Known {
    let answer: Answer
    let doubt: Doubt

    init(_ tree: AmplificationTree) { (answer, doubt) = (tree.answer, tree.jointDoubt) }

    func again(_ question: Question) -> AmplificationTree {
      var tree = AmplificationTree(question, answer: answer, by: .memo)
      tree.doubt = doubt
      return tree
    }
  }

  var answers: [Entry: Known] = [:]
}
