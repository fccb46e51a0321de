import Amplification
import ClusterFile
import Distillation
import Foundation
import Oversight
import Randomness
import RunStore
import Tasks
import WorkUnits

/// Step 1 of a round: asks H, which is a script or are people, for decompositions.
struct Collector: Sendable {
  let configuration: ClusterFile
  let task: any TaskDefinition
  let journal: Journal
  let desk: Desk

  /// What H gave in a round.
  struct Collected: Sendable {
    /// Whether it was asked for more.
    var hasAsked = false
    /// What people still owe after it.
    var owed: [OwedDecompositions] = []
    var given: [Decompose.Result] = []
    /// The questions that people decided, and the numbers of their judgments.
    var decided: [QuestionID] = []
    var numbers: [Int64] = []
    /// The script's, as the journal keeps them.
    var script: [Journal.Judgment] = []
  }

  func collect(_ round: Int, _ state: TrainingState, _ crew: Crew) async throws -> Collected {
    var collected = Collected(owed: state.owed)
    guard configuration.overseer.kind != .scripted else { return collected }
    let wanted = state.imitation.wanted(
      owed: state.owed.reduce(0) { $0 + $1.places.count }, difficulty: state.curriculum.difficulty)
    if wanted > 0 {
      collected.hasAsked = true
      let questions = try await questions(wanted, round, state, crew)
      guard configuration.overseer.kind == .human else {
        try await script(questions, crew, &collected)
        return collected
      }
      collected.owed.append(
        OwedDecompositions(
          round: round, places: questions.contexts, met: questions.met, elements: state.curriculum.elements,
          hasLearned: state.steps > 0, due: state.imitation.isTrusted ? round + configuration.overseer.patience : round)
      )
      if let asked = collected.owed.last { try await desk.open(items(asked), whileUnanswered: crew.answering) }
    }
    for due in collected.owed where due.due <= round { try await people(due, round, crew, &collected) }
    collected.owed.removeAll { $0.due <= round }
    return collected
  }

  /// Which of the round's questions to ask about.
  private func questions(
    _ wanted: Int, _ round: Int, _ state: TrainingState, _ crew: Crew
  ) async throws -> DecompositionQuestions {
    let (isUncertain, isDeep) = (
      configuration.overseer.asksWhereUncertain, configuration.amplification.depth > 1
    )
    var questions = DecompositionQuestions(
      round: round, contexts: Array(0..<wanted), elements: state.curriculum.elements)
    // As long as H′ has learned nothing, all questions are alike to it, and it comes to no others.
    guard isUncertain || isDeep, state.imitation.trainingLoss != nil else { return questions }
    // Where H′ is surely wrong it does not look uncertain: half of what it came to is asked whatever it thinks of it.
    let any = isDeep ? isUncertain ? (wanted + 1) / 2 : wanted : 0
    let candidates = isUncertain ? wanted * configuration.overseer.candidates : wanted
    func attempts(_ places: Range<Int>, _ choice: Attempt.Choice) async throws -> [Attempt.Decomposition] {
      try await crew.map(
        shares(of: places.count, among: configuration.amplification.shards).filter { !$0.isEmpty }.map { share in
          Attempt(
            DecompositionQuestions(
              round: round, contexts: share.map { places.lowerBound + $0 }, elements: state.curriculum.elements),
            choice)
        }
      ).flatMap(\.self)
    }
    let attempts = try await attempts(0..<any, .any) + attempts(any..<candidates, .mostDoubted)
    let uncertain = mostInstructive(
      wanted - any,
      of: attempts[any...].map { Candidate(attempt: $0.transcript, uncertainty: Double($0.uncertainty)) })
    questions.contexts = Array(0..<any) + uncertain.map { any + $0 }
    if isDeep {
      for place in questions.contexts { questions.met[place] = attempts[place].transcript.question }
    }
    return questions
  }

  /// The parts of a round's questions that are units of work, without those whose judgment was withdrawn.
  private func parts(_ places: [Int], _ round: Int) async throws -> [[Int]] {
    let withdrawn = Set(try await journal.withdrawn(kind: QuestionID.Kind.decomposition.rawValue, round: round))
    return shares(of: places.count, among: configuration.amplification.shards)
      .map { $0.map { places[$0] }.filter { !withdrawn.contains($0) } }.filter { !$0.isEmpty }
  }

  // MARK: The script

  private func script(
    _ questions: DecompositionQuestions, _ crew: Crew, _ collected: inout Collected
  ) async throws {
    let (round, elements) = (questions.round, questions.elements)
    let parts = try await parts(questions.contexts, round)
    guard !parts.isEmpty else { return }
    collected.given = try await crew.map(
      parts.map { places in
        var part = questions
        part.contexts = places
        part.met = questions.met.filter { places.contains($0.key) }
        return Decompose(part)
      })
    for (places, given) in zip(parts, collected.given) {
      for (place, tree) in zip(places, given.trees) {
        let judgment = Judgment(
          elements: elements, subject: AmplificationTree(tree.question, answer: Answer([]), by: .scripted),
          verdict: .decomposed(tree))
        var record = Journal.Judgment(
          kind: QuestionID.Kind.decomposition.rawValue, round: round, place: place, person: "script",
          time: Date().timeIntervalSince1970, body: try JournalRecord.encode(judgment),
          standing: .valid)
        record.taken = round
        collected.script.append(record)
      }
    }
  }

  // MARK: People

  /// The questions as people get them.
  func items(_ owed: OwedDecompositions) async throws -> [DeskItem] {
    let batch = owed.questions.batch(of: task, seed: configuration.run.seed)
    let noise = AnswerNoise(share: configuration.overseer.doubt, hasLearned: owed.hasLearned)
    let withdrawn = Set(try await journal.withdrawn(kind: QuestionID.Kind.decomposition.rawValue, round: owed.round))
    return zip(owed.places, batch.asked).compactMap { place, asked in
      withdrawn.contains(place)
        ? nil
        : DeskItem(
          QuestionID(.decomposition, round: owed.round, place: place), about: batch.contexts[asked.context],
          elements: owed.elements, asked: asked, doubt: noise.share(of: asked))
    }
  }

  private func people(
    _ owed: OwedDecompositions, _ round: Int, _ crew: Crew, _ collected: inout Collected
  ) async throws {
    let parts = try await parts(owed.places, owed.round)
    let ids = parts.flatMap(\.self).map { QuestionID(.decomposition, round: owed.round, place: $0) }
    let settled = try await crew.judgments(of: ids)
    collected.decided += ids
    collected.numbers += settled.map(\.number)
    let trees = Dictionary(zip(ids.map(\.place), settled.map(\.judgment.decomposition))) { first, _ in first }
    let given = parts.map { $0.compactMap { trees[$0] ?? nil } }.filter { !$0.isEmpty }
    guard !given.isEmpty else { return }
    // H′ is measured by them in the same parts as if a script had given them.
    let losses = try await crew.map(given.map { Measure(round: round, transcripts: $0.map(\.transcript)) })
    collected.given += zip(given, losses).map { Decompose.Result(trees: $0, loss: $1) }
  }
}
