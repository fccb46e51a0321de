import Foundation
import RunStore

/// What the journal has of the questions on the desk.
///
/// A record that can't be read is an error that names it: without it the run would be another one.
struct DeskRecords: Sendable {
  let journal: Journal

  // MARK: Judgments

  /// All about a question, in the order in which they were given.
  func judgments(of id: QuestionID) async throws -> [(record: Journal.Judgment, judgment: Judgment)] {
    try await journal.judgments(kind: id.kind.rawValue, round: id.round, place: id.place)
      .map { ($0, try $0.decoded()) }
  }

  /// Keeps what a person judged of a question. - Returns: its number.
  func record(_ verdict: Verdict, of item: DeskItem, by person: String, _ standing: Journal.Judgment.Standing)
    async throws -> Settled
  {
    let judgment = Judgment(elements: item.elements, subject: item.subject, verdict: verdict)
    // What this person judged at this place in another future of the run, about another question, does not stand for it.
    let outdated = try await judgments(of: item.id).filter { record, earlier in
      record.person == person && record.standing != .withdrawn
        && (earlier.elements != item.elements || earlier.subject != item.subject)
    }
    let record = try await journal.record(
      .init(
        kind: item.id.kind.rawValue, round: item.id.round, place: item.id.place, person: person,
        time: Date().timeIntervalSince1970, body: try JournalRecord.encode(judgment), standing: standing),
      insteadOf: outdated.compactMap(\.record.number))
    return Settled(number: record.number ?? 0, person: person, judgment: judgment)
  }

  typealias Settled = Desk.Settled

  // MARK: Steps on the way to one

  /// - Returns: the steps up to the first that can't be read, and what is wrong with that one.
  func draft(of id: QuestionID, by person: String) async throws -> (entries: [DraftEntry], problem: String?) {
    let steps = try await journal.draft(kind: id.kind.rawValue, round: id.round, place: id.place, person: person)
    var entries: [DraftEntry] = []
    for step in steps {
      do {
        entries.append(
          try JournalRecord.decode(from: step.body, named: "step \(step.step + 1) of \(person) about \(id)"))
      } catch {
        return (entries, "\(error)")
      }
    }
    return (entries, nil)
  }

  func record(_ entry: DraftEntry, step: Int, of id: QuestionID, by person: String) async throws {
    try await journal.record(
      .init(
        kind: id.kind.rawValue, round: id.round, place: id.place, person: person, step: step,
        body: try JournalRecord.encode(entry)))
  }

  func drop(_ id: QuestionID, from step: Int, by person: String) async throws {
    try await journal.dropDraft(kind: id.kind.rawValue, round: id.round, place: id.place, person: person, from: step)
  }
}

extension Journal.Judgment {
  /// What was judged. - Throws: ``RunStoreError`` that names the record, if it can't be read.
  func decoded() throws -> Judgment {
    try JournalRecord.decode(from: body, named: "judgment \(number ?? 0) by \(person)")
  }
}
