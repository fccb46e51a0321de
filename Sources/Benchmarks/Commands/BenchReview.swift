import ArgumentParser
import ClusterFile
import Commands
import Foundation
import Worker

/// `grove bench review`
struct BenchReview: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "How much of an erring overseer's error people find who check some answers, by how those are chosen.",
    discussion: """
      Amplifies held-out questions with the models of a run and a scripted overseer of which a share of the \
      decisions is random, and counts the wrong answers among those that oversight.choice would choose for review.

      Example: grove bench review first
               grove bench review first --share 0.05 --error-rate 0.02
      """)

  @OptionGroup var options: RunOptions
  @Option(help: "Of the answers that are checked, 0 to 1.") var share = 0.2
  @Option(help: "Share of the overseer's decisions that are wrong, 0 to 1.") var errorRate = 0.1
  @Option(help: "Held-out contexts, 1 to 100000.") var contexts = 200
  @Option(help: "Of every random number; a whole number from 0.") var seed: UInt64 = 1

  func validate() throws {
    for (name, value) in [("--share", share), ("--error-rate", errorRate)] where !(0...1).contains(value) {
      throw ValidationError("\(name) is \(value); allowed is 0 to 1")
    }
    guard (1...100_000).contains(contexts) else {
      throw ValidationError("--contexts is \(contexts); allowed is 1 to 100000")
    }
  }

  func run() async throws {
    let trial = try await options.models().review(
      contexts: contexts, share: share, errorRate: errorRate, seed: seed)
    func percent(_ part: Int, _ whole: Int) -> String {
      String(format: "%.1f %%", 100 * Double(part) / Double(max(1, whole)))
    }
    print(
      "\(trial.wrong) of \(trial.answers) amplified answers are wrong (\(percent(trial.wrong, trial.answers))).", "",
      separator: "\n")
    var table = Table(["chosen by", "checked", "wrong among them", "of the error"], rightAligned: [1, 2, 3])
    for choice in ClusterFile.Oversight.Choice.allCases {
      let (answers, wrong) = trial.chosen[choice] ?? (0, 0)
      table.add([
        choice.rawValue, percent(answers, trial.answers), percent(wrong, answers), percent(wrong, trial.wrong),
      ])
    }
    print(table.lines(colours: Terminal.colours).joined(separator: "\n"))
  }
}
