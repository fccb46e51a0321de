/// Questions whose sub-questions somebody slow answers: each goes on as soon as its own answer is there.
extension Amplifier {
  /// One question's way to its answer.
  private struct Talk {
    let asked: Asked
    /// Levels of overseers above X, this one among them.
    let depth: Int
    /// That which asked it; nil: it was asked from outside.
    let parent: Int?
    /// The question from outside that it belongs to: what is said under it is remembered for it.
    let root: Int
    var tree: AmplificationTree
    var deliberation: any Deliberation
    var heard: [Answer] = []
  }

  /// What was answered on the way to one question's answer, which is the same order whenever the others' answers come.
  private struct Memory: Hashable {
    let root: Int
    let question: Question
    let depth: Int
  }

  /// One tree a question, in order. The overseer decides on the caller's thread; who answers does so meanwhile.
  func amplifyEach(
    _ asked: [Asked], in contexts: [Context], depth: Int, by answerer: any WaitingAnswerer
  ) async throws -> [AmplificationTree] {
    var talks: [Talk] = []
    var ready: [Int] = []
    var memory: [Memory: Memo.Known] = [:]
    func begin(_ asked: Asked, depth: Int, for parent: Int?) async throws {
      let deliberation = try await overseer.deliberate(on: [asked.question], keys: [asked.key])
      ready.append(talks.count)
      talks.append(
        Talk(
          asked: asked, depth: depth, parent: parent, root: parent.map { talks[$0].root } ?? talks.count,
          tree: AmplificationTree(asked.question, answer: facts.unknown, by: overseer.author),
          deliberation: deliberation))
    }
    func heard(_ tree: AmplificationTree, by talk: Int) {
      talks[talk].tree.turns.append(Turn(.overseer, by: overseer.author, .asked(tree)))
      talks[talk].heard = [tree.answer]
      memory[Memory(root: talks[talk].root, question: tree.question, depth: talks[talk].depth - 1)] = Memo.Known(tree)
      ready.append(talk)
    }

    for asked in asked { try await begin(asked, depth: depth, for: nil) }
    return try await withThrowingTaskGroup(of: (Int, Asked, AmplificationTree).self) { group in
      repeat {
        while let number = ready.popLast() {
          try Task.checkCancellation()
          let decision = try await talks[number].deliberation.decide(hearing: talks[number].heard).first
          for doubt in talks[number].deliberation.doubts.prefix(1) { talks[number].tree.doubt += doubt }
          let talk = talks[number]
          guard case .ask(let question) = decision, talk.tree.turns.count < mostSteps else {
            if case .answer(let answer) = decision { talks[number].tree.answer = answer }
            if let parent = talk.parent { heard(talks[number].tree, by: parent) }
            continue
          }
          let next = Asked(question, about: talk.asked.context, key: talk.asked.key.child(talk.tree.turns.count))
          let context = contexts[talk.asked.context]
          if let known = facts.lookedUp(next, in: context) {
            heard(known, by: number)
          } else if let known = memory[Memory(root: talk.root, question: question, depth: talk.depth - 1)] {
            heard(known.again(question), by: number)
          } else if talk.depth > 1, doubt == nil {
            try await begin(next, depth: talk.depth - 1, for: number)
          } else {
            group.addTask {
              (number, next, AmplificationTree(question, try await answerer.reply(to: next, in: context)))
            }
          }
        }
        if let (number, next, tree) = try await group.next() {
          if talks[number].depth > 1, isDoubtful(tree) {
            try await begin(next, depth: talks[number].depth - 1, for: number)
          } else {
            heard(tree, by: number)
          }
        }
      } while !ready.isEmpty
      return talks.filter { $0.parent == nil }.map(\.tree)
    }
  }
}
