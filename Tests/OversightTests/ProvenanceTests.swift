import Amplification
import Foundation
import RunStore
import Safetensors
import Testing

@testable import Oversight

/// What rests on what, in a real journal.
final class ProvenanceTests: Sendable {
  private let folder = NSTemporaryDirectory() + "grove-provenance-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Four judgments in rounds 2, 4, 6 and 8, by ada and ben in turn, of which the third heard X; checkpoints at 3, 5 and 9.
  private func store() async throws -> RunStore {
    let store = try await RunStore.open("r", in: folder)
    for (index, round) in [2, 4, 6, 8].enumerated() {
      let heard = AmplificationTree(
        Question([2]), answer: Answer([7]), by: round == 6 ? .answerer(role: "teacher", step: 1) : .lookUp)
      let person = index.isMultiple(of: 2) ? "ada" : "ben"
      let tree = AmplificationTree(
        Question([Token(round)]), answer: Answer([7]), by: .person(person), children: [heard])
      let judgment = Judgment(
        elements: 8, subject: AmplificationTree(tree.question, answer: Answer([]), by: .person("")),
        verdict: .decomposed(tree))
      let record = try await store.journal.record(
        .init(
          kind: "decomposition", round: round, place: 0, person: person, time: 0,
          body: String(decoding: JSONEncoder().encode(judgment), as: UTF8.self), standing: .valid))
      try await store.journal.take([#require(record.number)], round: round)
    }
    for round in [3, 5, 9] {
      var file = Safetensors()
      file.append("value", [1])
      try await store.save(.init(file), round: round)
    }
    return store
  }

  @Test func eachPersonHasAShareAndEachCheckpointItsJudgments() async throws {
    let provenance = try await Provenance(store().journal)
    #expect(provenance.shares.map(\.person) == ["ada", "ben"] && provenance.shares.map(\.learned) == [2, 2])
    #expect(provenance.shares[0].first == 2 && provenance.shares[0].last == 6)
    #expect(provenance.supports.map(\.round) == [3, 5, 9] && provenance.supports.map(\.judgments) == [1, 2, 4])
  }

  @Test func whatWouldFollowIsForetoldAndFollows() async throws {
    let store = try await store()
    let provenance = try await Provenance(store.journal)
    let second = try #require(provenance.entries.first { $0.record.round == 4 })
    let consequences = provenance.consequences(of: [second])
    #expect(consequences.first == 4 && consequences.from == 3 && consequences.checkpoints == [5, 9])
    #expect(consequences.derived.map(\.record.round) == [6])
    #expect(provenance.consequences(of: provenance.entries.filter { $0.record.person == "ada" }).from == 0)

    try await store.withdraw(second.number, from: consequences.first, derived: consequences.derived.map(\.number))
    #expect(try await store.journal.checkpoints().map(\.round) == [3])
    #expect(try await store.journal.withdrawn(kind: "decomposition", round: 4) == [0])
    let after = try await Provenance(store.journal)
    #expect(after.entries.map(\.record.standing) == [.valid, .withdrawn, .derived, .valid])
    #expect(after.entries.map(\.record.taken) == [2, nil, nil, nil])
  }

  @Test func theLikestDecisionsAreNearest() async throws {
    let provenance = try await Provenance(store().journal)
    let like = try #require(provenance.entries[2].judgment.decomposition).transcript
    #expect(provenance.nearest(to: like, count: 2).map(\.record.round) == [6, 2])
  }

  @Test func aPersonsSecondJudgmentOfAQuestionChangesNothing() async throws {
    let journal = try await store().journal
    let first = try #require(await journal.judgments().first)
    let again = try await journal.record(
      .init(kind: "decomposition", round: 2, place: 0, person: "ada", time: 9, body: "{}", standing: .valid))
    #expect(again.number == first.number && again.body == first.body)
    #expect(try await journal.judgments().count == 4)
    #expect(try await !journal.undo(#require(first.number)))
  }
}
