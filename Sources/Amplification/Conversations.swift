import Randomness

/// Questions that are talked about each at its own pace, by any procedure: nobody waits for the slow answer to another's
/// sub-question.
public struct Conversations: Sendable {
  private let procedure: any Procedure
  private let speakers: [Role: any Speaker]
  private let answerer: any WaitingAnswerer
  private let facts: any Facts
  private let mostTurns: Int

  /// - Parameters:
  ///   - speakers: one for each role that the procedure gives the floor.
  ///   - mostTurns: a conversation that comes to no answer in so many is answered `?`.
  public init(
    _ procedure: any Procedure, _ speakers: [Role: any Speaker], answerer: any WaitingAnswerer,
    facts: any Facts, mostTurns: Int
  ) {
    self.procedure = procedure
    self.speakers = speakers
    self.answerer = answerer
    self.facts = facts
    self.mostTurns = mostTurns
  }

  /// One tree a question, in order.
  ///
  /// - Parameter depth: at least 1; how many levels of conversations stand above X.
  /// - Throws: what a speaker or the answerer throws; the others are cancelled.
  public func talk(about asked: [Asked], in contexts: [Context], depth: Int = 1) async throws -> [AmplificationTree] {
    try await withThrowingTaskGroup(of: (Int, AmplificationTree).self) { group in
      for (row, asked) in asked.enumerated() {
        group.addTask { (row, try await talk(about: asked, in: contexts[asked.context], depth: depth)) }
      }
      var trees: [Int: AmplificationTree] = [:]
      for try await (row, tree) in group { trees[row] = tree }
      return asked.indices.compactMap { trees[$0] }
    }
  }

  /// A conversation from its first turn to its answer.
  private func talk(about asked: Asked, in context: Context, depth: Int) async throws -> AmplificationTree {
    var turns: [Turn] = []
    while true {
      try Task.checkCancellation()
      let floor = procedure.next(after: turns)
      guard let speaker = speakers[floor.role] else { throw NobodySpeaksError(role: floor.role) }
      let said = try await speaker.speak(
        in: Conversation(
          asked.question, turns: turns, context: floor.seesContext ? context : nil, key: asked.key.child(turns.count)))
      func ended(_ answer: Answer) -> AmplificationTree {
        var tree = AmplificationTree(asked.question, turns: turns, answer: answer, by: speaker.author)
        tree.cost = said.cost
        return tree
      }
      switch said.words {
      case .answers(let answer): return ended(answer)
      case _ where turns.count == mostTurns: return ended(facts.unknown)
      case .states(let content): turns.append(Turn(floor.role, by: speaker.author, .stated(content), cost: said.cost))
      case .asks(let question):
        let subQuestion = Asked(question, about: asked.context, key: asked.key.child(turns.count))
        let tree = try await resolve(subQuestion, in: context, depth: depth - 1)
        turns.append(Turn(floor.role, by: speaker.author, .asked(tree), cost: said.cost))
      }
    }
  }

  private func resolve(_ asked: Asked, in context: Context, depth: Int) async throws -> AmplificationTree {
    if let tree = facts.lookedUp(asked, in: context) { return tree }
    guard depth <= 0 else { return try await talk(about: asked, in: context, depth: depth) }
    return AmplificationTree(asked.question, try await answerer.reply(to: asked, in: context))
  }
}

/// A procedure gives the floor to a role that nobody has.
public struct NobodySpeaksError: Error, Hashable, CustomStringConvertible {
  public let role: Role
  public var description: String { "the procedure has the \(role.rawValue) speak, and nobody has that role" }
}
