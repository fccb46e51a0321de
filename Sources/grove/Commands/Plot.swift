import ArgumentParser
import Plots
import RunStore

/// `grove plot`
struct Plot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws the learning curves of runs, finished or not, as SVG and PNG.",
    discussion: """
      Of one run: student, teacher and amplified accuracy, and that of the student by class of question. Of several, \
      or with --y: their curves over each other, told apart by colour, dashes and marks. --y may be given several times.

      Example: grove plot permutation-8-seed-1
               grove plot first second --x decompositions --out curves
               grove plot first second --y loss --y overseer-loss --y memory
      """)

  @Argument(help: ArgumentHelp("The runs' names.", valueName: "run"), completion: Completions.runs) var runs: [String]
  @OptionGroup var place: FolderOptions
  @Option(name: [.customLong("x"), .customLong("against")], help: "steps, minutes or decompositions.") var x =
    Against.steps
  @Option(
    name: .customLong("y"),
    help: ArgumentHelp(
      "accuracy (the student's), teacher, amplified, agreement, loss (X's), overseer-loss (H′'s), accepted (share of amplified "
        + "answers that become lessons), lessons (share of those that is right), calibration (its error), rate (X's "
        + "learning rate), speed (steps a second) or memory.", valueName: "quantity"))
  var quantities: [Quantity] = []
  @Option(
    help: ArgumentHelp("Files to write, without .svg and .png; by default the first run's name.", valueName: "path"))
  var out: String?

  func run() async throws {
    let measured = try await measured()
    let figure: Figure
    if runs.count == 1, quantities.isEmpty {
      let rows = measured.map { Figure.run($0.name, $0.history, against: x) }
      figure = Figure(title: "accuracy on held-out questions", rows: rows)
    } else {
      let quantities = quantities.isEmpty ? [.accuracy] : quantities
      try check(measured, quantities)
      figure = .overlay(measured, x: x, y: quantities)
    }
    let path = out ?? runs[0]
    try await figure.write(to: path)
    print("\(path).svg and \(path).png")
  }

  /// The runs that have measured something; what is missing of them is said on standard error.
  private func measured() async throws -> [Figure.Measured] {
    var measured: [Figure.Measured] = []
    var nothing: [String] = []
    let folder = try place.path()
    for run in runs {
      let (history, problems) = try await RunStore.read(run, in: folder).measured()
      for problem in problems { Terminal.warn("\(run): \(problem)") }
      if history.isEmpty {
        nothing.append("the run \(run) " + (problems.isEmpty ? "has measured nothing yet" : "has no measurement left"))
      } else {
        measured.append((run, history))
      }
    }
    guard !measured.isEmpty else { throw Failure(nothing.joined(separator: "; ")) }
    for sentence in nothing { Terminal.warn("\(sentence): it is left out") }
    return measured
  }

  /// Says which runs have not measured what is asked for. - Throws: a sentence if none has any of it.
  private func check(_ measured: [Figure.Measured], _ quantities: [Quantity]) throws {
    let unmeasured = Figure.unmeasured(measured, y: quantities)
    guard unmeasured.count < measured.count * quantities.count else {
      let names = quantities.map(\.rawValue).joined(separator: ", ")
      throw Failure("none of the runs has measured \(names)")
    }
    for (name, quantity) in unmeasured { Terminal.warn("the run \(name) has not measured \(quantity.rawValue)") }
  }
}

extension Against: ExpressibleByArgument {}
extension Quantity: ExpressibleByArgument {}
