import ArgumentParser
import ClusterFile
import Commands
import Foundation
import RunStore
import Status

/// `grove bench checkpoint`
struct BenchCheckpoint: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint",
    abstract: "What checkpoints cost a run that has a million transcripts of H's.",
    discussion: """
      Makes a run until its first checkpoint, gives it as many transcripts as are asked for, and goes on for some \
      more checkpoints. Their time is set against that of the rounds between them.

      Example: grove bench checkpoint
               grove bench checkpoint --transcripts 100000 \\
                 --set run.checkpoint_every=10
      """)

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var logging: LogOptions
  @Option(help: "That the run has, 1 to 10000000.") var transcripts = 1_000_000
  @Option(help: "Checkpoints after those, 1 to 1000.") var checkpoints = 3

  func validate() throws {
    for (name, value, most) in [("--transcripts", transcripts, 10_000_000), ("--checkpoints", checkpoints, 1000)]
    where !(1...most).contains(value) {
      throw ValidationError("\(name) is \(value); allowed is 1 to \(most)")
    }
  }

  func run() async throws {
    logging.apply()
    var file = try options.read()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("grove-bench-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    file.run.folder = folder.path
    file.cluster.bind = "tcp://127.0.0.1:*"
    file.dashboard.bind = "off"
    file.run.stopAt = 2
    let before = try await train(file, rounds: file.run.checkpointEvery)

    let filled = try await trial(file) { try await $0.fill(upTo: transcripts) }
    let whole = try Self.files(in: folder)
    let read = try await trial(file) { try await $0.read() }
    guard read.transcripts >= transcripts else {
      throw Failure("of \(transcripts) transcripts, \(read.transcripts) were read again")
    }
    var went = try await train(file, rounds: (1 + checkpoints) * file.run.checkpointEvery)
    went.rounds -= before.rounds
    let later = try Self.files(in: folder)
    show(filled.writing, whole, read.reading, went, newest: later.filter { !whole.keys.contains($0.key) })
  }

  /// Seconds that a run took so far for its rounds, and since it was taken up for checkpoints, and how many those are.
  private typealias Seconds = (rounds: Double, checkpoints: Double, count: Int)

  private func train(_ file: ClusterFile, rounds: Int) async throws -> Seconds {
    var file = file
    file.run.rounds = rounds
    let training = try await Training(
      file, name: Self.name, title: Self.name, isShown: false, taking: .parse([]), logging: logging)
    guard let result = try await training.run().result else {
      throw Ending(status: .stopped, sentence: "the benchmark was stopped")
    }
    // So that the run goes on when it is to have more rounds.
    try FileManager.default.removeItem(atPath: "\(file.run.folder)/\(Self.name)/result.json")
    let figures = RunFolder.registry.text.split(separator: "\n").filter { $0.hasPrefix(Self.metric) }
    func figure(_ ending: String) -> Double {
      figures.first { $0.hasPrefix("\(Self.metric)_\(ending)") }.flatMap { Double($0.split(separator: " ").last ?? "") }
        ?? 0
    }
    return (result.wallSeconds, figure("sum"), Int(figure("count")))
  }

  private static let name = "bench"
  private static let metric = "grove_checkpoint_duration_seconds"

  private func trial<Result>(_ file: ClusterFile, _ body: (CheckpointTrial) async throws -> Result) async throws
    -> Result
  {
    try await body(CheckpointTrial(try await RunStore.open(Self.name, in: file.run.folder), file))
  }

  /// Bytes of each file of the run's checkpoints.
  private static func files(in folder: URL) throws -> [String: Int] {
    let checkpoints = folder.appendingPathComponent("\(name)/checkpoints").path
    var sizes: [String: Int] = [:]
    for file in try FileManager.default.subpathsOfDirectory(atPath: checkpoints) where file.hasSuffix(".safetensors") {
      sizes[file] = try FileManager.default.attributesOfItem(atPath: "\(checkpoints)/\(file)")[.size] as? Int
    }
    return sizes
  }

  private func show(
    _ writing: Duration, _ whole: [String: Int], _ reading: Duration,
    _ went: Seconds, newest: [String: Int]
  ) {
    func megabytes(_ files: [String: Int]) -> String {
      String(format: "%.1f MB", Double(files.values.reduce(0, +)) / 1e6)
    }
    let each = went.checkpoints / Double(max(1, went.count))
    let newBytes = newest.mapValues { $0 / max(1, newest.keys.count { !$0.contains("/") }) }
    var table = Table(["\(transcripts) transcripts", "seconds", "bytes"], rightAligned: [1, 2])
    func seconds(_ value: Double) -> String { String(format: "%.3f", value) }
    table.add(["all of it written, once", seconds(writing / .seconds(1)), megabytes(whole)])
    table.add(["each checkpoint after that", seconds(each), megabytes(newBytes)])
    table.add(["read to go on", seconds(reading / .seconds(1)), megabytes(whole)])
    let colours = Terminal.colours
    print(table.lines(colours: colours).joined(separator: "\n"), "", separator: "\n")
    print("  \(went.count) checkpoints in \(seconds(went.checkpoints)) s beside \(seconds(went.rounds)) s of rounds")
    let share = 100 * went.checkpoints / (went.checkpoints + went.rounds)
    print(Promise(name: "share of the run that checkpoints take, %", value: share, most: 2).line(colours: colours))
  }
}
