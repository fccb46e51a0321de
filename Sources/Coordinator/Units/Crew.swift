import Oversight
import WorkUnits

/// Who does what the steps of a round need: workers with the models before it, and people.
struct Crew: Sendable {
  /// The models are those after this round.
  let round: Int
  let team: [Roster.Ready]
  /// The models, if a checkpoint has them.
  let fallback: ModelSnapshot?
  let roster: Roster
  let dispatch: Dispatch
  let rules: ResultRules
  let desk: Desk
  let board: RunBoard

  /// Has each unit done by some worker. - Returns: the results in the order of the units.
  func map<Unit: WorkUnit>(_ units: [Unit]) async throws -> [Unit.Result] {
    try await dispatch.map(
      units, over: team, after: round, by: rules, whileWaiting: { try await board.waiting() })
  }

  /// What people judged of these questions, as soon as all of them are.
  ///
  /// - Parameter closing: what nobody has judged is not waited for: whether X learns it. nil: it is waited for.
  /// - Throws: ``StoppedError`` if the run is to end; ``NoReplicaError`` if it has to go back to a checkpoint.
  func judgments(of ids: [QuestionID], closing: Bool? = nil) async throws -> [Desk.Settled] {
    while true {
      // Each time: what was judged can be taken back meanwhile.
      if let closing { try await desk.close(ids, isLearned: closing) }
      if let judgments = await desk.judgments(of: ids) { return judgments }
      let waiting = Set(await desk.waiting).intersection(ids)
      try await board.asking(
        Self.sentence(
          waiting, of: await desk.waiting, with: desk.holders(of: waiting), reconsidering: desk.reconsidering(Set(ids)))
      )
      try await gather()
      await roster.dismissIdle(after: round)
      await desk.change(within: .seconds(1))
      try Task.checkCancellation()
    }
  }

  /// Somebody has to answer people's sub-questions.
  private func gather() async throws {
    guard await roster.holders(of: round).isEmpty else { return }
    _ = try await roster.team(after: round, fallback: fallback, whileWaiting: { try await board.waiting() })
  }

  /// What is done while nobody answers what a judgment rests on. - Parameter what: is waited for.
  func answering(_ what: String) async throws {
    try await board.waiting(for: what)
    try await gather()
  }

  /// What is waited for.
  ///
  /// - Parameters:
  ///   - needed: what the run can't do without now.
  ///   - all: what waits at the desk, as the desk itself says.
  ///   - holders: who has something of it.
  ///   - reconsidering: who may yet take back what they decided last.
  static func sentence(
    _ needed: Set<QuestionID>, of all: [QuestionID], with holders: [String], reconsidering: [String]
  ) -> String {
    guard !needed.isEmpty else {
      guard !reconsidering.isEmpty else { return "what was decided last" }
      return "\(reconsidering.joined(separator: ", ")), who may take the last judgment back for a moment"
    }
    func count(_ kind: QuestionID.Kind, _ noun: String) -> String? {
      let (number, now) = (all.count { $0.kind == kind }, needed.count { $0.kind == kind })
      guard now > 0 else { return nil }
      return "\(number) \(noun)\(number == 1 ? "" : "s")" + (now < number ? " (\(now) of them now)" : "")
    }
    let questions = [count(.decomposition, "decomposition"), count(.review, "review")].compactMap(\.self)
      .joined(separator: " and ")
    return questions + (holders.isEmpty ? ", which nobody has taken" : ", with \(holders.joined(separator: ", "))")
  }
}
