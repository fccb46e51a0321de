import Amplification
import Tasks
import WorkUnits

extension Evaluate: AnsweredUnit {
  static let activity = "evaluating"

  func result(by replica: Replica) async throws -> Evaluation {
    var evaluation = try await replica.evaluate(
      contexts, elements: replica.task.size, seed: replica.configuration.run.seed, examples: trees,
      replica.models(after: round))
    evaluation.worker = replica.worker
    return evaluation
  }
}

extension Replica {
  /// Right answers to held-out questions.
  ///
  /// - Parameter examples: how many questions to return with their trees; each is about another context, and at another
  ///   place among its questions.
  func evaluate(
    _ run: Range<Int>, elements: Int, seed: UInt64, examples: Int = 0, _ models: FrozenModels
  ) async throws -> Evaluation {
    let batch = task.sample(
      .heldOut, seed: seed, round: 0, run, elements: elements, questions: configuration.amplification.questions)
    let (contexts, asked) = (batch.contexts, batch.asked)
    let byStudent = try await models.student.reply(to: asked, in: contexts)
    let byTeacher = try await models.teacher.reply(to: asked, in: contexts)
    let trees = try await amplifier(models).amplify(asked, in: contexts, depth: configuration.amplification.depth)
    var evaluation = Evaluation()
    for (row, asked) in asked.enumerated() {
      func isRight(_ answer: Answer) -> Int {
        task.isRight(answer, to: asked.question, in: contexts[asked.context]) ? 1 : 0
      }
      var counts = Evaluation.Counts()
      counts.questions = 1
      counts.student = isRight(byStudent[row].answer)
      counts.teacher = isRight(byTeacher[row].answer)
      counts.amplified = isRight(trees[row].answer)
      evaluation.byClass[task.questionClass(of: asked.question, in: contexts[asked.context]), default: .init()] +=
        counts
    }
    let perContext = configuration.amplification.questions
    evaluation.examples = (0..<min(examples, contexts.count)).map { context in
      let row = context * perContext + context % perContext
      return AnsweredQuestion(
        context: contexts[context], tree: trees[row], student: byStudent[row].answer, teacher: byTeacher[row].answer)
    }
    return evaluation
  }
}
