import ArgumentParser
import ClusterFile
import Commands
import Foundation
import Oversight
import Plots
import Torch
import Worker

/// `grove bench asking`
struct BenchAsking: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "asking",
    abstract: "What it saves to ask people where H′ is uncertain, instead of at random.",
    discussion: """
      Trains H′ alone, as a run does before H′ is trusted, and measures how many unseen questions it takes apart \
      exactly as H does. The saving is the decompositions that it took to be as good as with random questions.

      Example: grove bench asking
               grove bench asking --tasks path --seeds 5 --decompositions 500 \\
                 --out asking
      """)

  @OptionGroup var options: ConfigurationOptions
  @Option(help: "The tasks, with commas between them.") var tasks = "permutation,assignment,path"
  @Option(help: "Runs of each kind, with seeds from 1, 1 to 100.") var seeds = 3
  @Option(help: "Decompositions that H gives, 10 to 100000.") var decompositions = 300
  @Option(help: "Unseen questions by which H′ is measured, 1 to 100000.") var questions = 400
  @Option(help: ArgumentHelp("Writes the plot here, as SVG and PNG.", valueName: "path")) var out: String?

  func validate() throws {
    for (name, value, range) in [
      ("--seeds", seeds, 1...100), ("--decompositions", decompositions, 10...100_000),
      ("--questions", questions, 1...100_000),
    ] where !range.contains(value) {
      throw ValidationError("\(name) is \(value); allowed is \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// Accuracy after so many decompositions, in order.
  private typealias Curve = [(given: Int, accuracy: Double)]

  func run() async throws {
    _ = try Engine.start()
    let colours = Terminal.colours
    var table = Table(
      ["task", "H′ as good as", "random", "uncertain", "share", "at the end: random", "uncertain"],
      rightAligned: [1, 2, 3, 4, 5, 6])
    var plots: [Figure.Plot] = []
    for task in tasks.split(separator: ",").map(String.init) {
      let (random, uncertain) = (try await curves(task, .random), try await curves(task, .uncertain))
      let (one, other) = (mean(random), mean(uncertain))
      plots.append(
        Figure.Plot(
          title: task, xLabel: "human decompositions",
          lines: [line("random", 0, random), line("uncertain, then unlike", 2, uncertain)]))
      for goal in [0.8, 0.9, 0.95] {
        let (slow, quick) = (needed(goal, one), needed(goal, other))
        let share = slow.flatMap { slow in quick.map { String(format: "%.2f", Double($0) / Double(slow)) } }
        table.add([
          task, String(format: "%.2f", goal), slow.map { "\($0)" } ?? "–", quick.map { "\($0)" } ?? "–", share ?? "–",
          (one.last?.accuracy ?? 0).threeDigits, (other.last?.accuracy ?? 0).threeDigits,
        ])
      }
    }
    print(table.lines(colours: colours).joined(separator: "\n"))
    if let out {
      try await Figure(title: "unseen questions that H′ takes apart as H does", rows: [plots]).write(to: out)
      print("\n\(out).svg and \(out).png")
    }
  }

  private func curves(_ task: String, _ choice: ClusterFile.Overseer.Choice) async throws -> [Curve] {
    var curves: [Curve] = []
    for seed in 1...seeds {
      var file = try options.read()
      file.task.name = task
      file.task.start = file.task.size
      file.run.seed = UInt64(seed)
      let apprentice = try Apprentice(file)
      let wanted = file.overseer.perRound
      var curve: Curve = []
      while apprentice.given < decompositions {
        try await apprentice.learn(candidates: wanted * file.overseer.candidates) { attempts in
          guard choice == .uncertain, let attempts else { return Array(0..<wanted) }
          return mostInstructive(
            wanted, of: attempts.map { Candidate(attempt: $0.transcript, uncertainty: Double($0.uncertainty)) })
        }
        if apprentice.given.isMultiple(of: 2 * wanted) {
          curve.append((apprentice.given, try await apprentice.accuracy(on: questions)))
          Terminal.progress("\(task), \(choice.rawValue), seed \(seed): \(apprentice.given) of \(decompositions)")
        }
      }
      curves.append(curve)
    }
    return curves
  }

  private func mean(_ curves: [Curve]) -> Curve {
    (curves.first ?? []).indices.map { place in
      (curves[0][place].given, curves.reduce(0) { $0 + $1[place].accuracy } / Double(curves.count))
    }
  }

  private func line(_ label: String, _ colour: Int, _ curves: [Curve]) -> Figure.Line {
    Figure.Line(
      label: label, colour: colour,
      points: mean(curves).enumerated().map { place, point in
        let all = curves.map { $0[place].accuracy }
        return .init(x: Double(point.given), y: point.accuracy, low: all.min() ?? 0, high: all.max() ?? 0)
      })
  }

  /// Decompositions from which on H′ is that good.
  private func needed(_ goal: Double, _ curve: Curve) -> Int? {
    let first = (curve.lastIndex { $0.accuracy < goal } ?? -1) + 1
    return curve.indices.contains(first) ? curve[first].given : nil
  }
}
