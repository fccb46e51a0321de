import ClusterFile
import Commands
import Dashboard
import Foundation
import Processes
import RunStore
import Status

/// The list of many finished runs: how fast it is shown, and what it takes of memory.
enum BenchRuns {
  private static let lines = 1000
  private static let requests = 20

  static func measure(_ count: Int) async throws {
    let folder = NSTemporaryDirectory() + "grove-bench-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await make(count, in: folder)
    let server = try DashboardServer(
      .init(host: "127.0.0.1", port: 0, token: nil), source: RunFolder(folder: folder), log: Logs.quiet)
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run { found.yield($0) } }
      guard let port = await ports.first(where: { _ in true }) else { throw Failure("the dashboard did not start") }
      let first = try await times(port)
      let before = ResidentMemory.bytes
      let again = try await times(port)
      show(count, first: first[0], again, grown: ResidentMemory.bytes - before, resident: ResidentMemory.bytes)
      group.cancelAll()
    }
  }

  /// Those that another process measures.
  private static func times(_ port: Int) async throws -> [Double] {
    let child = try await BenchChild(["bench", "dashboard", "--look", "\(port)", "--look-at-runs"])
    let times = child.firstLine.split(separator: " ").compactMap { Double($0) }
    guard times.count == 3 else { throw Failure("the process that looks failed: \(child.firstLine)") }
    try await child.end()
    return times
  }

  private static func show(_ count: Int, first: Double, _ times: [Double], grown: Int, resident: Int) {
    let colours = Terminal.isInteractive
    print("\n  \(count.grouped) finished runs of \(lines.grouped) measurements, \(requests) requests for their list\n")
    for promise in [
      Promise(name: "the list, median, ms", value: times[1], most: 100),
      Promise(name: "memory that \(requests) further requests take, MiB", value: Double(grown) / 1_048_576, most: 8),
    ] { print(promise.line(colours: colours)) }
    print("  the list, first of all: \(Int(nearest: first)) ms; resident: \((resident >> 20).grouped) MiB")
  }

  /// The other process: prints how long the first request took, the median, and the longest, in milliseconds.
  static func look(port: Int) throws {
    var times: [Double] = []
    for _ in 0..<requests {
      let started = ContinuousClock.now
      guard try PlainConnection.page("/runs", port: port).contains("name=\"run\"") else {
        throw Failure("no run is shown")
      }
      times.append(started.duration(to: .now) / .milliseconds(1))
    }
    print(times[0], times.median, times.max() ?? .nan)
  }

  /// Runs that differ in a setting; what is the same in all of them is there once.
  private static func make(_ count: Int, in folder: String) async throws {
    let files = FileManager.default
    _ = try await RunStore.open("run-0", in: folder)
    let first = folder + "/run-0"
    let row = Accuracy.Row(student: 0.5, teacher: 0.5, amplified: 0.9)
    let accuracy = Accuracy(row, byClass: Dictionary(uniqueKeysWithValues: (1...6).map { ("k=\($0)", row) }))
    let encoder = JSONEncoder.forPeople
    let history = (1...lines).map { round in
      MetricsLine(
        round: 10 * round, steps: 100 * round, wallSeconds: Double(round), elements: 8, agreement: 0.9, loss: 0.1,
        overseerLoss: 0.1, humanDecompositions: round, amplifiedQuestions: round, subQuestions: round, memoHits: 0,
        accuracy: accuracy)
    }
    let metrics = try history.flatMap { try encoder.encode($0) + [UInt8(ascii: "\n")] }
    try Data(metrics).write(to: URL(fileURLWithPath: first + "/metrics.jsonl"))
    let result = RunResult(
      name: "run-0", task: "permutation", seed: 1, workers: 1, rounds: 10 * lines, steps: 100 * lines,
      wallSeconds: Double(lines), humanDecompositions: 1, amplifiedQuestions: 1, subQuestions: 1, memoHits: 0,
      accuracy: accuracy, weightsSHA256: String(repeating: "0", count: 64), finished: true)
    try encoder.encode(result).write(to: URL(fileURLWithPath: first + "/result.json"))
    for number in 0..<count {
      let run = "\(folder)/run-\(number)"
      if number > 0 { try files.createDirectory(atPath: run, withIntermediateDirectories: true) }
      var file = ClusterFile()
      file.run.seed = UInt64(number)
      try Data(file.yaml.utf8).write(to: URL(fileURLWithPath: run + "/config.yaml"))
      for name in ["journal.sqlite", "metrics.jsonl", "result.json"] where number > 0 {
        try files.linkItem(atPath: "\(first)/\(name)", toPath: "\(run)/\(name)")
      }
    }
  }
}
