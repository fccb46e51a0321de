import ArgumentParser
import Plots
import RunStore

/// `grove plot`
struct Plot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws the learning curves of runs, finished or not, as SVG and PNG.",
    discussion: """
      A row a run: student, teacher and amplified accuracy, and that of the student by class of question.

      Example: grove plot permutation-8-seed-1
               grove plot first second --against decompositions --out curves
      """)

  @Argument(help: ArgumentHelp("The runs' names.", valueName: "run"), completion: Completions.runs) var runs: [String]
  @OptionGroup var place: FolderOptions
  @Option(help: "steps, time or decompositions.") var against = Against.steps
  @Option(
    help: ArgumentHelp("Files to write, without .svg and .png; by default the first run's name.", valueName: "path"))
  var out: String?

  func run() async throws {
    let folder = try place.path()
    var rows: [[Figure.Plot]] = []
    for run in runs {
      let history = try await RunStore.read(run, in: folder).history(report: { Terminal.warn("\(run): \($0)") })
      guard !history.isEmpty else { throw Failure("the run \(run) has measured nothing yet") }
      rows.append(Figure.run(run, history, against: against))
    }
    let path = out ?? runs[0]
    try Figure(title: "accuracy on held-out questions", rows: rows).write(to: path)
    print("\(path).svg and \(path).png")
  }
}

extension Against: ExpressibleByArgument {}
