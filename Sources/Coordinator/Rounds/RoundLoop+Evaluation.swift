import Amplification
import Distillation
import Foundation
import Processes
import RunStore
import Status
import Tasks
import WorkUnits

/// How good the models are, by held-out questions.
extension RoundLoop {
  func evaluate(_ state: inout TrainingState, _ models: ModelSnapshot?) async throws {
    let started = ContinuousClock.now
    let accuracy = try await accuracy(after: state.round, contexts: Self.evaluationContexts, models)
    state.wallSeconds += started.duration(to: .now) / .seconds(1)
    var line = MetricsLine(
      round: state.round, steps: state.steps, wallSeconds: state.wallSeconds, elements: state.curriculum.elements,
      agreement: state.curriculum.agreement, loss: await board.loss, overseerLoss: state.imitation.heldOutLoss,
      humanDecompositions: state.imitation.given, amplifiedQuestions: state.amplifiedQuestions,
      subQuestions: state.subQuestions, memoHits: state.memoHits, accuracy: accuracy)
    let rate = LearningRate(configuration.distillation)
    line.learningRate = rate.peak * rate.share(ofStep: state.steps)
    line.memoryBytes = await roster.statuses().reduce(ResidentMemory.bytes) { $0 + $1.residentBytes }
    line.lessons = state.lessons
    state.lessons = Lessons()
    state.evaluated(line)
    try await store.appendMetrics(try JSONEncoder.forPeople.encode(line))
    await board.evaluated(line)
  }

  /// Accuracy on the first held-out contexts, which are the same for every round.
  func accuracy(after round: Int, contexts: Int, _ models: ModelSnapshot?) async throws -> Accuracy {
    let parts = max(configuration.amplification.shards, contexts / 25)
    let shards = shares(of: contexts, among: parts).filter { !$0.isEmpty }
      .map { Evaluate(round: round, contexts: $0, trees: Self.treesPerUnit) }
    let results = try await gathered(after: round, models).map(shards)
    try await keep(zip(shards, results), of: round)
    return Accuracy(results.reduce(into: Evaluation()) { $0 += $1 })
  }

  /// Keeps some trees of an evaluation to be looked at.
  func keep(_ results: some Sequence<(Evaluate, Evaluation)>, of round: Int) async throws {
    let encoder = JSONEncoder.forPeople
    let trees = results.flatMap { shard, evaluation in
      evaluation.examples.map { example in
        KeptTree(
          round: round, place: 0, worker: evaluation.worker,
          unit: "contexts \(shard.contexts.lowerBound + 1)–\(shard.contexts.upperBound)",
          amplified: AmplifiedQuestion(
            example.tree, about: example.context, student: example.student, teacher: example.teacher, task))
      }
    }
    try await store.journal.record(
      trees: try trees.enumerated().map { place, tree in
        var tree = tree
        tree.place = place
        return String(decoding: try encoder.encode(tree), as: UTF8.self)
      }, round: round)
  }
}

extension Accuracy {
  /// Shares of right answers.
  public init(_ evaluation: Evaluation) {
    func row(_ counts: Evaluation.Counts) -> Row {
      let all = Double(max(1, counts.questions))
      return Row(
        student: Double(counts.student) / all, teacher: Double(counts.teacher) / all,
        amplified: Double(counts.amplified) / all)
    }
    let all = evaluation.byClass.values.reduce(into: Evaluation.Counts()) { $0 += $1 }
    self.init(row(all), byClass: evaluation.byClass.mapValues(row))
  }
}
