import Amplification
import ClusterFile
import Foundation
import Oversight
import Randomness
import RunStore
import WorkUnits

/// Between amplifying and learning: holds back what people are to check, and lets through what they have checked.
struct ReviewGate: Sendable {
  let configuration: ClusterFile
  let journal: Journal
  let desk: Desk

  /// What comes through at the end of a round.
  struct Passed: Sendable {
    var lessons = LessonTable()
    /// What people decided otherwise, for H′ to learn.
    var corrections: [Transcript] = []
    /// The questions that people decided, and the numbers of their judgments.
    var decided: [QuestionID] = []
    var numbers: [Int64] = []
  }

  /// Takes out of a round's lessons what is held back. - Parameter elements: in its contexts.
  func hold(_ shards: [GrownShard], _ round: Int, elements: Int, _ state: inout TrainingState) async throws
    -> LessonTable
  {
    var batch = LessonTable()
    var questions = 0
    var new: [HeldLesson] = []
    for shard in shards {
      batch.append(shard.lessons.without(Set(shard.held.map(\.place))))
      for held in shard.held {
        let lesson = HeldLesson(
          round: round, place: questions + held.place, elements: elements,
          due: round + configuration.oversight.within)
        let kept = HeldQuestion(context: held.context, tree: held.tree)
        try journal.record(
          held: String(decoding: try JSONEncoder().encode(kept), as: UTF8.self), round: round, place: lesson.place)
        new.append(lesson)
      }
      questions += shard.questions
    }
    state.held += new
    try await desk.open(new.compactMap(item))
    return batch
  }

  /// What was held back, as people get it.
  func item(_ held: HeldLesson) throws -> DeskItem? {
    guard try !isWithdrawn(held), let kept = try kept(held) else { return nil }
    let key = RandomKey(seed: configuration.run.seed, purpose: .review, round: held.round, index: held.place)
    return DeskItem(
      QuestionID(.review, round: held.round, place: held.place), about: kept.context, elements: held.elements,
      asked: Asked(kept.tree.question, about: 0, key: key), tree: kept.tree)
  }

  /// Whether its review was withdrawn: then X does not learn it, as if everybody had passed on it.
  private func isWithdrawn(_ held: HeldLesson) throws -> Bool {
    try journal.withdrawn(kind: QuestionID.Kind.review.rawValue, round: held.round).contains(held.place)
  }

  private func kept(_ held: HeldLesson) throws -> HeldQuestion? {
    try journal.held(round: held.round, place: held.place).flatMap {
      try? JSONDecoder().decode(HeldQuestion.self, from: Data($0.utf8))
    }
  }

  /// What is due at the end of a round, as people or the policy decided.
  func due(_ round: Int, _ state: inout TrainingState, _ hands: Hands) async throws -> Passed {
    let due = try state.held.filter { try $0.due <= round && !isWithdrawn($0) }
    state.held.removeAll { $0.due <= round }
    guard !due.isEmpty else { return Passed() }
    let ids = due.map { QuestionID(.review, round: $0.round, place: $0.place) }
    if configuration.oversight.unreviewed != .hold {
      try await desk.close(ids, isLearned: configuration.oversight.unreviewed == .pass)
    }
    var passed = Passed(decided: ids)
    let settled = try await hands.judgments(of: ids)
    for (held, settled) in zip(due, settled) {
      passed.numbers.append(settled.number)
      guard let kept = try kept(held) else { continue }
      switch settled.judgment.verdict {
      case .reviewed(let verdicts):
        let checked = kept.tree.checked(verdicts, by: settled.person)
        if let answer = checked.answer { passed.lessons.append(kept.tree.question, answer, about: kept.context) }
        passed.corrections += checked.corrections.map(\.transcript)
      case .unreviewed(isLearned: true):
        passed.lessons.append(kept.tree.question, kept.tree.answer, about: kept.context)
      case .unreviewed, .flagged, .passed, .decomposed: break
      }
    }
    return passed
  }
}
