import RunStore
import Tasks

/// How long what was decided can be taken back: as long as training has not used it, and training uses nothing before a
/// time of grace is over, so that a slip in the last decision of a batch can be mended as one in any other can.
extension Desk {
  /// What a person decided last.
  struct Given {
    let id: QuestionID
    let number: Int64
    /// Whether it is compared alone: training never uses it.
    let isSecond: Bool
    /// Training does not use it before.
    var until: ContinuousClock.Instant
  }

  /// Who may yet take back their judgment of one of these.
  public func reconsidering(_ ids: Set<QuestionID>) -> [String] {
    last.filter { ids.contains($0.value.id) && !$0.value.isSecond && $0.value.until > .now }.keys.sorted()
  }

  func isHeldBack(_ id: QuestionID) -> Bool { last.values.contains { $0.id == id && $0.until > .now } }

  func mayTakeBack(_ given: Given) -> Bool {
    items[given.id] != nil && (given.isSecond || !used.contains(given.id))
  }

  /// Of a judgment that the journal has from before: it can be taken back, but nobody waits for that.
  func remember(_ judged: Settled, of id: QuestionID) {
    guard Self.isPerson(judged.person), judged.number > last[judged.person]?.number ?? 0 else { return }
    last[judged.person] = Given(id: id, number: judged.number, isSecond: false, until: .now)
  }

  /// A person is sure of what they decided: training need not wait. - Returns: whether it did.
  @discardableResult func stand(by person: String) -> Bool {
    guard let given = last[person], given.until > .now else { return false }
    last[person]?.until = .now
    tidy()
    changed()
    return true
  }

  /// Takes back a person's judgment of a question. - Throws: ``NotationError`` if that is no longer possible.
  func takeBack(_ id: QuestionID, by person: String) async throws -> String {
    try await inTurn(of: id) {
      let given = try await records.judgments(of: id).map(\.record).last {
        $0.person == person && ($0.standing == .valid || $0.standing == .second || $0.number == settled[id]?.number)
      }
      guard let given, let number = given.number else {
        throw NotationError("there is nothing to take back: no judgment of yours about \(id) stands")
      }
      let isSecond = given.standing == .second
      guard items[id] != nil, isSecond || !used.contains(id) else {
        throw isSecond ? Self.isCompared : isUsed(number, id)
      }
      // The run is not to use it while it is being taken back.
      let kept = settled[id]
      if kept?.number == number { settled[id] = nil }
      do {
        guard try await records.journal.undo(number) else { throw isUsed(number, id) }
      } catch {
        if items[id] != nil { settled[id] = kept }
        throw error
      }
      if last[person]?.number == number { last[person] = nil }
      counts[person, default: 1] -= 1
      if let item = items[id] {
        // It never was in the queue if it was judged before the coordinator came back.
        queue.add(id, isForTwo: item.isForTwo(share: settings.twice), now: .now)
        queue.undecided(id, by: person, now: .now)
      }
      try await compare(id)
      return "Your judgment of \(id) is taken back."
    }
  }

  /// What a person judged, with what of it they can take back now.
  public func own(_ ledger: Ledger, _ person: String) -> [Ledger.Line] {
    // Of another run, what has the same name is another question.
    guard ledger.run == settings.run else { return ledger.own(person) }
    return ledger.own(person).map { line in
      var line = line
      let id = QuestionID(line.id)
      line.mayTakeBack =
        id.map { items[$0] != nil && (line.state == .compared || line.state == .waiting && !used.contains($0)) }
        ?? false
      return line
    }
  }

  /// Why a person has nothing to take back.
  func nothingToTakeBack(_ person: String) -> NotationError {
    if let id = passed[person] {
      return NotationError("there is nothing to take back: you left \(id) to somebody else, which decides nothing")
    }
    if let given = last[person] { return isUsed(given.number, given.id) }
    return NotationError(
      counts[person, default: 0] == 0
        ? "there is nothing to take back: you have decided nothing yet"
        : "“undo” alone takes back what you decided last, once: “undo” with the name of a question, such as d4.2, takes back "
          + "an earlier judgment that training has not used")
  }

  private func isUsed(_ number: Int64, _ id: QuestionID) -> NotationError {
    NotationError(
      "there is nothing to take back: training has used what you decided about \(id); once the run has ended, "
        + "“grove retract \(settings.run):\(number)” learns anew without it")
  }

  private static let isCompared = NotationError(
    "there is nothing to take back: your judgment was compared with a colleague's, and that question is off the desk")
}
