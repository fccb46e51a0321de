import ArgumentParser
import Chaos
import ClusterFile
import Commands
import Foundation
import Processes
import RunStore
import Status

/// `grove bench faults`
struct BenchFaults: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "faults",
    abstract: "What a killed worker and a checkpoint cost a run.",
    discussion: """
      Trains the same rounds with one worker, with two of which one is killed half-way, and with a checkpoint after \
      every round. The second half of the run that lost a worker should take no longer than with one worker from the \
      start, plus the failure time-out.

      Example: grove bench faults --repeats 3
      """)

  @OptionGroup var options: ConfigurationOptions
  @Option(help: "How often each is measured, 1 to 100.") var repeats = 3
  @Option(help: "Of training in a measurement, 10 to 100000.") var rounds = 80

  func validate() throws {
    guard (1...100).contains(repeats) else { throw ValidationError("--repeats is \(repeats); allowed is 1 to 100") }
    guard (10...100_000).contains(rounds) else {
      throw ValidationError("--rounds is \(rounds); allowed is 10 to 100000")
    }
  }

  func run() async throws {
    let folder = NSTemporaryDirectory() + UniqueName.of("grove-bench")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var file = try options.read()
    file.run.folder = folder
    file.run.rounds = rounds
    file.run.stopAt = 2
    file.run.evaluateEvery = rounds / 2
    file.dashboard.bind = "off"
    let usual = file.run.checkpointEvery
    let timeout = Double(file.cluster.failureTimeoutMilliseconds) / 1000
    var (alone, killed, checkpoint, rest) = ([Double](), [Double](), [Double](), [Double]())
    for repeated in 1...repeats {
      file.run.checkpointEvery = rounds
      let one = try await measure(file, "one-\(repeated)", workers: 1, killing: false)
      let survivor = try await measure(file, "killed-\(repeated)", workers: 2, killing: true)
      file.run.checkpointEvery = 1
      let often = try await measure(file, "often-\(repeated)", workers: 1, killing: false)
      alone.append(one.secondHalf)
      killed.append(survivor.secondHalf)
      rest.append(survivor.secondHalf / (one.secondHalf + timeout))
      checkpoint.append(100 * (often.all - one.all) / Double(rounds - 1) / (one.all / Double(rounds) * Double(usual)))
    }
    let colours = Terminal.colours
    var table = Table(["medians of \(repeats), \(rounds) rounds", "second half"], rightAligned: [1])
    table.add(["one worker", String(format: "%.1f s", alone.median)])
    table.add(["two, one of them killed half-way", String(format: "%.1f s", killed.median)])
    print(table.lines(colours: colours).joined(separator: "\n"), "", separator: "\n")
    for promise in [
      Promise(
        name: "after the kill, of one worker alone and the time-out", value: rest.median, most: 1),
      Promise(
        name: "a checkpoint every \(usual) rounds, % of the run", value: checkpoint.median, most: 2),
    ] { print(promise.line(colours: colours)) }
  }

  /// Seconds that a whole run took, and that it took from the middle round to the last.
  private func measure(
    _ file: ClusterFile, _ name: String, workers: Int, killing: Bool
  ) async throws -> (all: Double, secondHalf: Double) {
    var file = file
    file.cluster.bind = "ipc://\(file.run.folder)/\(name).socket"
    let path = "\(file.run.folder)/\(name).yaml"
    try file.yaml.write(toFile: path, atomically: true, encoding: .utf8)
    let log = "\(file.run.folder)/\(name).log"
    let started = ContinuousClock.now
    func child(_ role: String, _ name: String) async throws -> Child {
      try await Child(
        name, [Executable.path, role, "--config", path, "--name", name], output: .file(log), errors: .file(log))
    }
    let coordinator = try await child("coordinator", name)
    var crew: [Child] = []
    for number in 1...workers { crew.append(try await child("worker", "worker-\(number)")) }
    var middle: ContinuousClock.Instant?
    while coordinator.isRunning, middle == nil {
      try await Task.sleep(for: .milliseconds(20))
      guard let store = try? await RunStore.read(name, in: file.run.folder),
        try await !store.history(report: { _ in }).isEmpty
      else { continue }
      middle = .now
      if killing { crew[0].signal(SIGKILL) }
    }
    guard try await coordinator.end() == .exit(0), let middle else {
      let lines = (try? String(contentsOfFile: log, encoding: .utf8))?.suffix(500) ?? ""
      throw Failure("the run \(name) of the benchmark failed: \(lines)")
    }
    let end = ContinuousClock.now
    for worker in crew where worker.isRunning { _ = try await worker.end() }
    return (started.duration(to: end) / .seconds(1), middle.duration(to: end) / .seconds(1))
  }
}
