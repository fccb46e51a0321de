import Amplification
import ClusterFile
import Distillation
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
    var examples = Examples()
    /// What people decided otherwise, for H′ to learn.
    var corrections: [Transcript] = []
    /// The questions that people decided, and the numbers of their judgments.
    var decided: [QuestionID] = []
    var numbers: [Int64] = []
  }

  /// Takes out of a round's examples what is held back.
  ///
  /// - Parameters:
  ///   - chosen: the examples of each shard that are to be learned otherwise, and how.
  ///   - elements: in the round's contexts.
  func hold(
    _ shards: [Grow.Result], _ chosen: [LessonChoice.Chosen], _ round: Int, elements: Int, _ state: inout TrainingState,
    _ crew: Crew
  ) async throws -> Examples {
    var batch = Examples()
    var questions = 0
    var new: [HeldExample] = []
    var bodies: [Int: String] = [:]
    for (shard, chosen) in zip(shards, chosen) {
      let held = Set(shard.held.map(\.place))
      batch.append(chosen.examples.without(held.union(chosen.left)))
      for held in shard.held {
        let lesson = HeldExample(
          round: round, place: questions + held.place, elements: elements,
          due: round + configuration.oversight.within)
        bodies[lesson.place] = try JournalRecord.encode(HeldQuestion(context: held.context, tree: held.tree))
        new.append(lesson)
      }
      questions += shard.examples.questions.count
    }
    try await journal.record(held: bodies, round: round)
    state.held += new
    try await desk.open(items(new), whileUnanswered: crew.answering)
    return batch
  }

  /// What was held back, as people get it.
  func items(_ held: [HeldExample]) async throws -> [DeskItem] {
    var items: [DeskItem] = []
    for held in try await standing(held) {
      let kept = try await kept(held)
      let key = RandomKey(seed: configuration.run.seed, purpose: .review, round: held.round, index: held.place)
      items.append(
        DeskItem(
          QuestionID(.review, round: held.round, place: held.place), about: kept.context, elements: held.elements,
          asked: Asked(kept.tree.question, about: 0, key: key), tree: kept.tree))
    }
    return items
  }

  /// Those of which the review was not withdrawn: X does not learn the others, as if everybody had passed on them.
  private func standing(_ held: [HeldExample]) async throws -> [HeldExample] {
    var withdrawn: [Int: Set<Int>] = [:]
    for round in Set(held.map(\.round)) {
      withdrawn[round] = Set(try await journal.withdrawn(kind: QuestionID.Kind.review.rawValue, round: round))
    }
    return held.filter { withdrawn[$0.round]?.contains($0.place) != true }
  }

  /// - Throws: a sentence if the journal lacks it: without it the run would learn something else.
  private func kept(_ held: HeldExample) async throws -> HeldQuestion {
    let name = "the answer \(QuestionID(.review, round: held.round, place: held.place)) that waits for review"
    guard let body = try await journal.held(round: held.round, place: held.place) else {
      throw CheckpointError(description: "\(name) is not in the run's journal: the journal is not the checkpoint's")
    }
    return try JournalRecord.decode(from: body, named: name)
  }

  /// What is due at the end of a round, as people or the policy decided.
  func due(_ round: Int, _ state: inout TrainingState, _ crew: Crew) async throws -> Passed {
    let due = try await standing(state.held.filter { $0.due <= round })
    state.held.removeAll { $0.due <= round }
    guard !due.isEmpty else { return Passed() }
    let ids = due.map { QuestionID(.review, round: $0.round, place: $0.place) }
    let policy = configuration.oversight.unreviewed
    var passed = Passed(decided: ids)
    let settled = try await crew.judgments(of: ids, closing: policy == .hold ? nil : policy == .pass)
    for (held, settled) in zip(due, settled) {
      passed.numbers.append(settled.number)
      let kept = try await kept(held)
      switch settled.judgment.verdict {
      case .reviewed(let verdicts):
        let checked = kept.tree.checked(verdicts, by: settled.person)
        if let answer = checked.answer { passed.examples.append(kept.tree.question, answer, about: kept.context) }
        passed.corrections += checked.corrections.map(\.transcript)
      case .unreviewed(isLearned: true):
        passed.examples.append(kept.tree.question, kept.tree.answer, about: kept.context)
      case .unreviewed, .flagged, .passed, .decomposed: break
      }
    }
    return passed
  }
}
