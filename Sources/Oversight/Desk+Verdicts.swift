import RunStore
import Tasks

/// How a judgment comes to count, and how it is taken back. All of it in the turn of its question.
extension Desk {
  func settle(_ item: DeskItem, by person: String, _ verdict: Verdict, isSecond: Bool) async throws {
    let judged = try await records.record(verdict, of: item, by: person, isSecond ? .second : .valid)
    if Self.isPerson(person) { counts[person, default: 0] += 1 }
    // The run may have gone back to an earlier round meanwhile: it finds the judgment in the journal.
    guard items[item.id] != nil else { return }
    queue.decided(item.id, by: person, now: .now)
    if Self.isPerson(person) {
      last[person] = Given(
        id: item.id, number: judged.number, isSecond: isSecond, until: .now + settings.grace)
      passed[person] = nil
    }
    if !isSecond {
      settled[item.id] = judged
      changed()
    }
    tidy()
    if isSecond { try await compare(item.id) }
  }

  /// Takes a person's last step back, or their last judgment if they have taken no step since.
  func undo(_ item: DeskItem?, by person: String) async throws -> String {
    if let item, try await inTurn(of: item.id, { try await undoStep(of: item, by: person) }) {
      return "Your last step is taken back."
    }
    guard let given = last[person], mayTakeBack(given) else { throw nothingToTakeBack(person) }
    return try await takeBack(given.id, by: person)
  }

  private func undoStep(of item: DeskItem, by person: String) async throws -> Bool {
    guard items[item.id] != nil, queue.claim(item.id, by: person, now: .now) else { return false }
    let steps = try await draft(of: item, by: person).count
    guard steps > 0 else { return false }
    try await records.drop(item.id, from: steps - 1, by: person)
    return true
  }

  /// Compares anew what people decided of a question.
  func compare(_ id: QuestionID) async throws {
    comparison.compare(try await records.judgments(of: id), about: id, task)
  }

  // MARK: What is shown

  func view(of person: String, _ id: QuestionID?) async throws -> DeskView {
    var view = DeskView(
      run: settings.run, task: task.kind.name, person: person, waiting: queue.waiting,
      needed: needed.count { settled[$0] == nil },
      others: queue.holders(now: .now).subtracting([person]).sorted(), own: counts[person] ?? 0,
      all: counts.values.reduce(0, +), agreement: comparison.agreement.kappa, compared: comparison.agreement.cases,
      forms: task.forms, meanings: meanings, guide: task.guide)
    var steps = 0
    if let id, let item = items[id] {
      var draft: [DraftEntry]
      do {
        draft = try await self.draft(of: item, by: person)
      } catch let error as NotationError {
        view.problem = error.description
        draft = try await self.draft(of: item, by: person)
      }
      steps = draft.count
      view.item = DeskView.Item(
        item, draft, showsFacts: settings.showsFacts,
        leaseSeconds: Int(queue.left(of: id, now: .now) / .seconds(1)), task)
    }
    if steps > 0 {
      view.undo = "your last step"
    } else if let given = last[person], mayTakeBack(given) {
      view.undo = "your last judgment"
      let left = ContinuousClock.now.duration(to: given.until) / .seconds(1)
      if left > 0 { view.undoSeconds = Int(left.rounded(.up)) }
    }
    return view
  }
}
