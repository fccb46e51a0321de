import Amplification
import Tasks
import WorkUnits

extension Decompose: AnsweredUnit {
  static let activity = "decomposing"

  package func result(by replica: Replica) async throws -> Result {
    let models = try replica.models(after: questions.round - 1)
    let trees = try await replica.decompose(replica.batch(questions), by: replica.scripted, hearing: models)
    return Result(trees: trees, loss: try models.loss(of: trees.map(\.transcript)))
  }

  static func count(_ result: Result) -> (questions: Int, shards: Int) {
    (result.trees.reduce(0) { $0 + 1 + $1.children.count }, 1)
  }
}

extension Attempt: AnsweredUnit {
  static let activity = "decomposing"

  package func result(by replica: Replica) async throws -> [Decomposition] {
    let models = try replica.models(after: questions.round - 1)
    let trees = try await replica.decompose(replica.batch(questions), by: models.imitator, hearing: models)
    let transcripts = trees.map(\.transcript)
    return zip(transcripts, try models.negativeLogLikelihood(of: transcripts)).map(Decomposition.init)
  }
}

extension Measure: AnsweredUnit {
  static let activity = "decomposing"

  package func result(by replica: Replica) throws -> Double {
    try replica.models(after: round - 1).loss(of: transcripts)
  }
}

extension Replica {
  func batch(_ questions: DecompositionQuestions) -> QuestionBatch {
    task.sample(
      .decompositions, seed: configuration.run.seed, round: questions.round, questions.contexts,
      elements: questions.elements, questions: 1)
  }

  /// Has an overseer decompose questions while it hears X as H does from whom H′ is to learn.
  package func decompose(
    _ batch: QuestionBatch, by overseer: any Overseer, hearing models: FrozenModels
  ) async throws -> [AmplificationTree] {
    let noise = AnswerNoise(share: configuration.overseer.doubt, hasLearned: models.hasLearned)
    var trees: [Int: AmplificationTree] = [:]
    for (share, rows) in Dictionary(grouping: batch.asked.indices, by: { noise.share(of: batch.asked[$0]) })
      .sorted(by: { $0.key < $1.key })
    {
      let amplifier = Amplifier(
        overseer: overseer, answerer: models.teacher.with(task, share: share), facts: task,
        mostSteps: task.mostSteps)
      for (row, tree) in zip(rows, try await amplifier.amplify(rows.map { batch.asked[$0] }, in: batch.contexts)) {
        trees[row] = tree
      }
    }
    return batch.asked.indices.compactMap { trees[$0] }
  }
}
