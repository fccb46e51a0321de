import Amplification
import Distillation
import Oversight
import Randomness
import Tasks
import WorkUnits

extension Grow: AnsweredUnit {
  static let activity = "amplifying"

  func result(by replica: Replica) async throws -> Result {
    let models = try replica.models(after: round - 1)
    let (configuration, task) = (replica.configuration, replica.task)
    let batch = task.sample(
      .contexts, seed: configuration.run.seed, round: round, contexts, elements: elements,
      questions: configuration.amplification.questions)
    let (contexts, asked) = (batch.contexts, batch.asked)
    var trees: [AmplificationTree] = []
    let answers: [Answer]
    switch configuration.distillation.target {
    case .amplified:
      trees = try await replica.amplifier(models).amplify(
        asked, in: contexts, depth: configuration.amplification.depth)
      answers = trees.map(\.answer)
    case .truth:
      answers = asked.map { task.truth(of: $0.question, in: contexts[$0.context]) }
    }
    let direct = try await models.teacher.reply(to: asked, in: contexts)
    let examples = Examples(asked, answers, in: contexts)
    var grown = Result(
      examples: examples, agreed: zip(answers, direct).count { $0 == $1.answer && !$0.isUnknown },
      questions: asked.count, subQuestions: trees.reduce(0) { $0 + $1.subQuestions },
      memoHits: trees.reduce(0) { $0 + $1.memoHits })
    let oversight = configuration.oversight
    grown.held = try await replica.heldBack(
      trees, batch, examples, share: oversight.review, by: oversight.choice, models
    ).map { HeldAnswer(place: $0, context: contexts[asked[$0].context], tree: trees[$0]) }
    return grown
  }

  static func count(_ result: Result) -> (questions: Int, shards: Int) { (result.questions + result.subQuestions, 1) }
}
