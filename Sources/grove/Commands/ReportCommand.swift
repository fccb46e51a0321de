import ArgumentParser
import Dashboard
import Foundation
import RunStore
import Status

/// `grove report`
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Writes one HTML file about a run, with its curves, trees, configuration and history, to send to somebody.",
    discussion: """
      Example: grove report permutation-8-seed-1
               grove report first --out first.html
      """)

  @Argument(help: ArgumentHelp("The run's name.", valueName: "run"), completion: Completions.runs) var name: String
  @OptionGroup var place: FolderOptions
  @Option(help: ArgumentHelp("The file to write; by default the run's name and .html.", valueName: "path")) var out:
    String?

  func run() async throws {
    let folder = try place.path()
    _ = try await RunStore.read(name, in: folder)
    let runs = RunFolder(folder: folder)
    guard let record = await runs.record(name) else { throw Failure("“\(name.prefix(80))” can't name a run") }
    for problem in record.problems { Terminal.warn(problem) }
    var trees: [KeptTree] = []
    if let round = record.roundsWithTrees.first { trees = await runs.trees(of: name, round: round) }
    let path = out ?? "\(name).html"
    try write(Data(Report.html(record, trees).utf8), to: path)
    print(path)
  }
}
