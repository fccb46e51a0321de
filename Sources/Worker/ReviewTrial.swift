import Amplification
import ClusterFile
import Tasks

/// How well the ways to choose answers for review find the wrong ones.
public struct ReviewTrial: Sendable {
  /// Amplified answers, and how many of them were wrong.
  public var answers = 0
  public var wrong = 0
  /// Of each way, the answers that were chosen, and how many of them were wrong.
  public var chosen: [ClusterFile.Oversight.Choice: (answers: Int, wrong: Int)] = [:]
}

extension Replica {
  /// Amplifies held-out questions with a scripted H that errs, and chooses some of the answers for review in each way.
  func review(_ run: Range<Int>, share: Double, errorRate: Double, seed: UInt64) throws -> ReviewTrial {
    let amplifier = Amplifier(
      overseer: task.scriptedOverseer(errorRate: errorRate), answerer: teacherAnswerer, facts: task,
      mostSteps: task.mostSteps)
    var trial = ReviewTrial()
    for start in stride(from: run.lowerBound, to: run.upperBound, by: 25) {
      let batch = task.sample(
        .heldOut, seed: seed, round: 0, start..<min(start + 25, run.upperBound), elements: task.size,
        questions: configuration.amplification.questions)
      let trees = try amplifier.amplify(batch.asked, in: batch.contexts, depth: configuration.amplification.depth)
      let isWrong = zip(trees, batch.asked).map {
        !task.isRight($0.answer, to: $0.question, in: batch.contexts[$1.context])
      }
      trial.answers += trees.count
      trial.wrong += isWrong.count { $0 }
      let lessons = table(batch.asked, trees.map(\.answer), in: batch.contexts)
      for choice in ClusterFile.Oversight.Choice.allCases {
        let held = try heldBack(trees, batch.asked, in: batch.contexts, lessons, share: share, by: choice)
        trial.chosen[choice, default: (0, 0)].answers += held.count
        trial.chosen[choice, default: (0, 0)].wrong += held.count { isWrong[$0] }
      }
    }
    return trial
  }
}
