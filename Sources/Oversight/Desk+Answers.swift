import Amplification
import RunStore
import Tasks

/// What is answered to people, and whether what they heard before is answered again.
extension Desk {
  /// The judgment of it that the journal has, if it is of the same question.
  func recorded(_ item: DeskItem, _ whileUnanswered: (String) async throws -> Void) async throws -> Settled? {
    for (record, judgment) in try await records.judgments(of: item.id) {
      guard record.standing == .valid || record.standing == .derived, let number = record.number,
        judgment.elements == item.elements, judgment.subject == item.subject,
        judgment.verdict != .passed || record.person == Self.nobody
      else { continue }
      if record.standing == .derived, try await !isHeardAgain(judgment, item, whileUnanswered) { continue }
      return Settled(number: number, person: record.person, judgment: judgment)
    }
    return nil
  }

  /// Whether the models answer now what they answered when the judgment was given: then the person would decide the same.
  private func isHeardAgain(
    _ judgment: Judgment, _ item: DeskItem, _ whileUnanswered: (String) async throws -> Void
  ) async throws -> Bool {
    guard let tree = judgment.decomposition else { return true }
    var heard: [AmplificationTree] = []
    for step in tree.children {
      let now = try await resolve(step.question, item, after: heard, whileUnanswered)
      guard now.answer == step.answer else { return false }
      heard.append(now)
    }
    return true
  }

  /// Asks again as long as nobody is there to answer: a worker that is lost is followed by another.
  private func resolve(
    _ question: Question, _ item: DeskItem, after heard: [AmplificationTree],
    _ whileUnanswered: (String) async throws -> Void
  ) async throws -> AmplificationTree {
    while true {
      do {
        return try await resolve(question, item, after: heard)
      } catch let error as Unanswered {
        try await whileUnanswered("an answer to \(task.write(question)), on which judgment \(item.id) rests (\(error))")
        try await Task.sleep(for: .seconds(1))
      }
    }
  }

  /// The answer to a sub-question: from the facts, from what was heard before, made up, or X's.
  func resolve(
    _ question: Question, _ item: DeskItem, after heard: [AmplificationTree]
  ) async throws -> AmplificationTree {
    let asked = Asked(question, about: 0, key: item.asked.key.child(heard.count))
    if let known = task.lookedUp(asked, in: item.context) { return known }
    if let before = heard.first(where: { $0.question == question }) {
      return AmplificationTree(question, answer: before.answer, by: .memo)
    }
    if asked.isMadeUp(share: item.doubt) {
      return AmplificationTree(question, answer: task.madeUpAnswer(to: asked, in: item.context), by: .madeUp)
    }
    return AmplificationTree(question, try await ask(question, item.context))
  }
}
