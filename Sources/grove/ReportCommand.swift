import ArgumentParser
import Dashboard
import Foundation
import RunStore

/// `grove report`
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Writes one HTML file about a run, with its curves, trees, configuration and history, to send to somebody.",
    discussion: """
      Example: grove report permutation-8-seed-1
               grove report first --out first.html
      """)

  @Argument(help: ArgumentHelp("The run's name.", valueName: "run")) var name: String
  @Option(help: "The folder that runs are in.") var folder = "runs"
  @Option(help: ArgumentHelp("The file to write; by default the run's name and .html.", valueName: "path")) var out:
    String?

  func run() throws {
    _ = try RunStore.read(name, in: folder)
    let runs = RunFolder(folder: folder)
    guard let record = runs.record(name) else { throw Failure("“\(name.prefix(80))” can't name a run") }
    let trees = record.roundsWithTrees.first.map { runs.keptTrees(of: name, round: $0) } ?? []
    let path = out ?? "\(name).html"
    do {
      try Report.html(record, trees).write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw Failure("\(path) can't be written: its folder has to exist and be writable")
    }
    print(path)
  }
}
