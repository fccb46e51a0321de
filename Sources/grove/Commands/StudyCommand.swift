import ArgumentParser
import ClusterFile
import Coordinator
import Foundation
import Plots
import RunStore
import Status
import Studies
import WorkUnits

/// `grove study`
struct StudyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Makes all runs of a study, and the tables and plots that it comes to.",
    discussion: """
      A study is a file with tasks, variants of the settings, and seeds; every combination is a run. A study that \
      was stopped goes on where it was: finished runs are not made again. The folder has table.md, table.csv (a row \
      for each run and class of question), curves-TASK and summary as SVG and PNG, study.yaml, and runs/ with all \
      else.

      Example: grove study deploy/studies/error-rate.yaml
               grove study deploy/studies/depth.yaml --set run.rounds=50 \\
                 --folder /tmp/short
      """)

  @Argument(help: ArgumentHelp("The study's file.", valueName: "study.yaml"), completion: Completions.yaml) var study:
    String
  @Option(help: ArgumentHelp("Where to put it; by default studies/NAME.", valueName: "folder")) var folder: String?
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Sets one key over the file in all runs, as in --set run.rounds=100.", valueName: "key=value"),
    completion: Completions.keys)
  var overrides: [String] = []
  @OptionGroup var taking: TakingUpOptions
  @OptionGroup var logging: LogOptions
  @Flag(help: "Make no run: only the tables and plots of those that are finished.") var reportOnly = false

  func validate() throws {
    guard !reportOnly || !taking.acceptBuild else {
      throw ValidationError("--report-only makes no run: --accept-build is for what does")
    }
  }

  func run() async throws {
    logging.apply()
    let study = try read().mapFiles { try $0.settled() }
    let folder = folder ?? "studies/\(study.name)"
    try await checkRuns(of: study, in: "\(folder)/runs")
    let file = URL(fileURLWithPath: "\(folder)/study.yaml")
    let made = RunStore.missing(file)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try write(study.text, file.path)
    do {
      if !reportOnly { try await makeRuns(of: study, in: "\(folder)/runs") }
    } catch {
      let isBegun = study.runs.contains { RunStore.isThere($0.name, in: "\(folder)/runs") }
      if !isBegun { takeBack(made) }
      throw error
    }

    var runs: [StudyReport.Finished] = []
    for run in study.runs { if let run = try await finished(run, in: "\(folder)/runs") { runs.append(run) } }
    let report = StudyReport(study, runs)
    try write(report.markdown, "\(folder)/table.md")
    try write(report.csv, "\(folder)/table.csv")
    for (name, figure) in report.figures { try await figure.write(to: "\(folder)/\(name)") }
    print(report.markdown)
    print("\(folder): table.md, table.csv, \(report.figures.map(\.name).joined(separator: ", ")) as svg and png")
  }

  /// Runs that are told of in one sentence.
  private static let mostNamed = 3

  /// - Throws: a sentence, if there are runs that the study would make otherwise now.
  private func checkRuns(of study: StudyFile, in folder: String) async throws {
    var changes: [String] = []
    for run in study.runs where RunStore.isThere(run.name, in: folder) {
      let kept = try await KeptRun(run.name, in: folder)
      let isFinished = try await kept.store.result().map { $0.isEnd(of: kept.file) } ?? false
      let differences = run.file.differences(from: kept.file, countingEnds: isFinished)
      if !differences.isEmpty { changes.append("\(run.name): \(differences.joined(separator: ", "))") }
      if !reportOnly, !taking.acceptBuild { try await BuildChange.check(Build.fingerprint, goesOnWith: kept.store) }
    }
    guard !changes.isEmpty else { return }
    let more = changes.count > Self.mostNamed ? "; and \(changes.count - Self.mostNamed) more" : ""
    throw Failure(
      "\(folder) has runs that the study was made with otherwise: "
        + changes.prefix(Self.mostNamed).joined(separator: "; ") + more
        + ". Choose another folder with --folder, or another name for the study, or remove those runs")
  }

  /// - Throws: a sentence; a usage error if the file alone is well.
  private func read() throws -> StudyFile {
    do {
      return try StudyFile.read(path: study, overrides: overrides)
    } catch  where !overrides.isEmpty && (try? StudyFile.read(path: study)) != nil {
      throw ValidationError("\(error)")
    }
  }

  private func makeRuns(of study: StudyFile, in folder: String) async throws {
    for (number, run) in study.runs.enumerated() {
      guard try await finished(run, in: folder) == nil else { continue }
      var file = run.file
      file.run.folder = folder
      let title = "run \(number + 1) of \(study.runs.count) · \(run.name)"
      let training = try await Training(
        file, name: run.name, title: title, isShown: true, taking: taking, logging: logging)
      guard let result = try await training.run(dismissingWorkers: number == study.runs.count - 1).result else {
        throw Ending(
          status: .stopped, sentence: "the study was stopped in \(title); the same command goes on from there")
      }
      print(
        "\(title): student \(result.accuracy.student.threeDigits), amplified \(result.accuracy.amplified.threeDigits)")
    }
  }

  /// Removes a file and the folders that were made for it; of those none in which there is anything else.
  private func takeBack(_ made: [URL]) {
    for place in made { remove(place.path) }
  }

  private func finished(_ run: StudyFile.Run, in folder: String) async throws -> StudyReport.Finished? {
    guard RunStore.isThere(run.name, in: folder) else { return nil }
    let kept = try await KeptRun(run.name, in: folder)
    let store = kept.store
    guard let result = try await store.result(), result.isEnd(of: kept.file) else { return nil }
    return .init(
      run: run, result: result, history: try await store.history(report: { Terminal.warn("\(run.name): \($0)") }))
  }

  private func write(_ text: String, _ path: String) throws {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }
}
