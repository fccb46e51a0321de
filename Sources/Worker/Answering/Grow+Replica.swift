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
    let leaves: [AmplificationTree]
    switch configuration.distillation.target {
    case .amplified:
      trees = try await replica.amplifier(models).amplify(
        asked, in: contexts, depth: configuration.amplification.depth)
      leaves = trees
    case .truth:
      leaves = asked.map {
        AmplificationTree($0.question, answer: task.truth(of: $0.question, in: contexts[$0.context]), by: .lookUp)
      }
    }
    let direct = try await models.teacher.reply(to: asked, in: contexts)
    let lessons = GrownLessons(leaves, of: asked, inner: configuration.distillation.inner)
    var grown = Result(
      examples: Examples(lessons.asked, lessons.answers, in: contexts), doubts: lessons.doubts,
      agreed: zip(leaves, direct).count { $0.answer == $1.answer && !$0.answer.isUnknown }, questions: asked.count,
      subQuestions: trees.reduce(0) { $0 + $1.subQuestions }, memoHits: trees.reduce(0) { $0 + $1.memoHits })
    grown.areRight = zip(lessons.asked, lessons.answers).map {
      task.isRight($1, to: $0.question, in: contexts[$0.context])
    }
    let oversight = configuration.oversight
    grown.held = try await replica.heldBack(
      trees, batch, Examples(asked, leaves.map(\.answer), in: contexts), share: oversight.review,
      by: oversight.choice, models
    ).map { HeldAnswer(place: lessons.places[$0], context: contexts[asked[$0].context], tree: trees[$0]) }
    return grown
  }

  static func count(_ result: Result) -> (questions: Int, shards: Int) { (result.questions + result.subQuestions, 1) }
}
