import Amplification
import Randomness
import Tasks
import WorkUnits

extension Decompose: AnsweredUnit {
  static let activity = "decomposing"

  package func result(by replica: Replica) async throws -> Result {
    let models = try replica.models(after: questions.round - 1)
    let trees = try await replica.decompose(
      questions.batch(of: replica.task, seed: replica.configuration.run.seed), by: replica.scripted, hearing: models)
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
    let batch = questions.batch(of: replica.task, seed: replica.configuration.run.seed)
    let trees = try await replica.decompose(
      batch, by: models.imitator, hearing: models, depth: replica.configuration.amplification.depth)
    let transcripts = zip(trees, batch.asked).map { tree, asked in
      switch choice {
      case .mostDoubted: tree.mostDoubted.transcript
      case .any: tree.any(using: asked.key).transcript
      }
    }
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
  /// Has an overseer decompose questions while it hears X as H does from whom H′ is to learn.
  package func decompose(
    _ batch: QuestionBatch, by overseer: any Overseer, hearing models: FrozenModels, depth: Int = 1
  ) async throws -> [AmplificationTree] {
    let noise = AnswerNoise(share: configuration.overseer.doubt, hasLearned: models.hasLearned)
    var trees: [Int: AmplificationTree] = [:]
    for (share, rows) in Dictionary(grouping: batch.asked.indices, by: { noise.share(of: batch.asked[$0]) })
      .sorted(by: { $0.key < $1.key })
    {
      let amplifier = Amplifier(
        overseer: overseer, answerer: models.teacher.with(task, share: share), facts: task,
        mostSteps: task.mostSteps, doubt: doubtToAmplify)
      let asked = rows.map { batch.asked[$0] }
      for (row, tree) in zip(rows, try await amplifier.amplify(asked, in: batch.contexts, depth: depth)) {
        trees[row] = tree
      }
    }
    return batch.asked.indices.compactMap { trees[$0] }
  }
}

extension AmplificationTree {
  /// The node whose overseer doubts its decisions most, the first of equals.
  fileprivate var mostDoubted: AmplificationTree {
    amplified.reduce(self) { $1.doubt > $0.doubt ? $1 : $0 }
  }

  /// A node that an overseer decided: each level as likely as all below it.
  fileprivate func any(using key: RandomKey) -> AmplificationTree {
    var random = key.generator(.decompositions)
    var node = self
    while case let below = node.children.filter(\.author.isOverseer), !below.isEmpty, Bool.random(using: &random) {
      node = below[Int.random(in: below.indices, using: &random)]
    }
    return node
  }
}
