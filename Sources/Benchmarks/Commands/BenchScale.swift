import ArgumentParser
import Chaos
import ClusterFile
import Commands
import Foundation

/// `grove bench scale`
struct BenchScale: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "How many workers one coordinator keeps busy.",
    discussion: """
      A real coordinator trains with workers that speak to it as real ones do, over real sockets, but only wait \
      where those would compute: --shard-ms for each unit of work and each gradient. So there can be more of them \
      than this machine has processors. Gradients are not exchanged: that is the workers' affair, not the \
      coordinator's.

      Example: grove bench scale
               grove bench scale --workers 64,256 --seconds 30
      """)

  @Option(help: ArgumentHelp("How many, 1 to 1024 each, with commas between them.", valueName: "n,…"))
  var workers = "64,256"
  @Option(help: "What a unit of work takes a worker, 1 to 10000.") var shardMs = 20
  @Option(help: "Seconds of measurement, 1 to 600.") var seconds = 15

  /// Units of amplification, and steps of distillation, of a worker in a round.
  private static let units = 60
  private static let steps = 10
  /// Processes that the simulated workers are spread over.
  private static let processes = 2

  private var counts: [Int] { workers.split(separator: ",").map { Int($0) ?? 0 } }

  func validate() throws {
    guard !counts.isEmpty, counts.allSatisfy({ (1...1024).contains($0) }) else {
      throw ValidationError("--workers is \(workers); allowed are numbers from 1 to 1024 with commas between them")
    }
    guard (1...10_000).contains(shardMs) else {
      throw ValidationError("--shard-ms is \(shardMs); allowed is 1 to 10000")
    }
    guard (1...600).contains(seconds) else { throw ValidationError("--seconds is \(seconds); allowed is 1 to 600") }
  }

  /// What was seen of one number of workers.
  private struct Figures {
    let workers: Int
    /// Share of their time that workers computed, 0…1.
    let busy: Double
    /// Processors that the coordinator took, in the mean.
    let cores: Double
    let shardsPerSecond: Double
    let coordinatorBytes: Int
  }

  func run() async throws {
    var table = Table(
      ["workers", "busy", "shards/s", "coordinator's processors", "µs a shard", "MiB"],
      rightAligned: [0, 1, 2, 3, 4, 5])
    var all: [Figures] = []
    for count in counts {
      let figures = try await measure(count)
      all.append(figures)
      table.add([
        "\(count)", String(format: "%.1f %%", 100 * figures.busy), Int(figures.shardsPerSecond).grouped,
        String(format: "%.2f", figures.cores),
        String(format: "%.0f", 1e6 * figures.cores / max(1, figures.shardsPerSecond)),
        "\(figures.coordinatorBytes >> 20)",
      ])
    }
    let colours = Terminal.colours
    print(
      "  \(shardMs) ms a shard; a round is \(Self.units) units of amplification and \(Self.steps) gradients of each worker; "
        + "\(seconds) s each\n")
    print(table.lines(colours: colours).joined(separator: "\n"), "", separator: "\n")
    guard let first = all.first else { return }
    for promise in [
      Promise(name: "\(first.workers) workers are busy, % of their time", value: 100 * first.busy, least: 95),
      Promise(name: "processors that their coordinator takes", value: first.cores, most: 0.5),
    ] { print(promise.line(colours: colours)) }
  }

  private func file(_ count: Int, folder: String) -> ClusterFile {
    var file = ClusterFile()
    file.cluster.bind = "tcp://127.0.0.1:*"
    file.dashboard.bind = "off"
    file.run.folder = folder
    file.run.rounds = 10_000_000
    file.run.steps = 100_000_000
    file.run.checkpointEvery = 1_000_000
    file.run.evaluateEvery = 1_000_000
    file.overseer.kind = .scripted
    file.amplification.shards = Self.units * count
    file.amplification.contexts = Self.units * count
    file.distillation.microbatches = count
    file.distillation.steps = Self.steps
    return file
  }

  private func measure(_ count: Int) async throws -> Figures {
    let folder = NSTemporaryDirectory() + UniqueName.of("grove-scale")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = file(count, folder: folder)
    try file.yaml.write(toFile: "\(folder)/cluster.yaml", atomically: true, encoding: .utf8)
    let address = "tcp://127.0.0.1:\(try await Trial.freePort())"
    let coordinator = try await Bench.coordinator(of: folder, at: address)
    let parts = min(Self.processes, count)
    var children: [BenchChild] = []
    for part in 0..<parts {
      children.append(
        try await BenchChild([
          "bench", "simulated", "--coordinator", address, "--config", "\(folder)/cluster.yaml", "--shard-ms",
          "\(shardMs)", "--first", "\(count * part / parts + 1)", "--last", "\(count * (part + 1) / parts)",
        ]))
    }
    // The first rounds are those in which workers join.
    try await Task.sleep(for: .seconds(min(5, seconds)))
    let (before, started, used) = (try await toll(children), ContinuousClock.now, coordinator.processorSeconds)
    try await Task.sleep(for: .seconds(seconds))
    let (after, took) = (try await toll(children), started.duration(to: .now) / .seconds(1))
    guard let now = coordinator.processorSeconds, let used, let bytes = coordinator.residentBytes else {
      let lines = (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8))?.suffix(500) ?? ""
      throw Failure("the coordinator of the benchmark ended: \(lines)")
    }
    for child in children { try await child.end() }
    return Figures(
      workers: count, busy: (after.busy - before.busy) / took / Double(count), cores: (now - used) / took,
      shardsPerSecond: Double(after.shards - before.shards) / took, coordinatorBytes: bytes)
  }

  /// What the simulated workers have computed so far: each process says it when it gets a line.
  private func toll(_ children: [BenchChild]) async throws -> (busy: Double, shards: Int) {
    var sum = (busy: 0.0, shards: 0)
    for child in children {
      let words = try await child.ask().split(separator: " ")
      guard words.count == 2, let busy = Double(words[0]), let shards = Int(words[1]) else {
        throw Failure("a process of simulated workers said “\(words.joined(separator: " ").prefix(200))”")
      }
      sum = (sum.busy + busy, sum.shards + shards)
    }
    return sum
  }
}
