import Amplification
import ClusterFile
import Distillation
import Tasks
import Worker

/// How well the ways to choose answers for review find the wrong ones.
struct ReviewTrial: Sendable {
  /// Amplified answers, and how many of them were wrong.
  var answers = 0
  var wrong = 0
  /// Of each way, the answers that were chosen, and how many of them were wrong.
  var chosen: [ClusterFile.Oversight.Choice: (answers: Int, wrong: Int)] = [:]
}

extension LoadedModels {
  /// How many wrong answers a person would be shown who checks a share of them, chosen in each of the ways there are: held-out
  /// questions are amplified with a scripted H that errs.
  ///
  /// - Parameter errorRate: share of H's decisions that are wrong.
  func review(contexts: Int, share: Double, errorRate: Double, seed: UInt64) async throws -> ReviewTrial {
    let amplification = replica.configuration.amplification
    let amplifier = Amplifier(
      overseer: task.scriptedOverseer(errorRate: errorRate), answerer: models.teacher, facts: task,
      mostSteps: task.mostSteps)
    var trial = ReviewTrial()
    for start in stride(from: 0, to: contexts, by: 25) {
      let batch = task.sample(
        .heldOut, seed: seed, round: 0, start..<min(start + 25, contexts), elements: task.size,
        questions: amplification.questions)
      let trees = try await amplifier.amplify(batch.asked, in: batch.contexts, depth: amplification.depth)
      let isWrong = zip(trees, batch.asked).map {
        !task.isRight($0.answer, to: $0.question, in: batch.contexts[$1.context])
      }
      trial.answers += trees.count
      trial.wrong += isWrong.count { $0 }
      let examples = Examples(batch.asked, trees.map(\.answer), in: batch.contexts)
      for choice in ClusterFile.Oversight.Choice.allCases {
        let held = try await replica.heldBack(trees, batch, examples, share: share, by: choice, models)
        trial.chosen[choice, default: (0, 0)].answers += held.count
        trial.chosen[choice, default: (0, 0)].wrong += held.count { isWrong[$0] }
      }
    }
    return trial
  }
}
