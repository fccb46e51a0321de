import ActorCluster
import ArgumentParser
import Chaos
import ClusterFile
import Commands
import Fetching
import Foundation
import Processes
import Status
import WorkUnits

/// `grove bench join`
struct BenchJoin: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "join",
    abstract: "How soon a worker that joins a run with large models is at work, and what that costs the coordinator.",
    discussion: """
      A run with one worker; then one more joins, and then --joiners at once. Each takes the models over from \
      another worker.

      Example: grove bench join
               grove bench join --width 480 --joiners 4
      """)

  @Option(help: "Of X: 960 is 100 MB of weights, and 400 with the optimiser's; a multiple of 4 from 8 to 4096.")
  var width = 960
  @Option(help: "That join at once, 1 to 64.") var joiners = 10

  func validate() throws {
    guard (8...4096).contains(width), width.isMultiple(of: 4) else {
      throw ValidationError("--width is \(width); allowed are multiples of 4 from 8 to 4096")
    }
    guard (1...64).contains(joiners) else { throw ValidationError("--joiners is \(joiners); allowed is 1 to 64") }
  }

  private func file(_ folder: String, dashboard: Substring) -> ClusterFile {
    var file = ClusterFile()
    file.run.folder = folder
    file.run.stopAt = 2
    file.run.evaluateEvery = 1_000_000
    file.run.checkpointEvery = 1_000_000
    file.overseer.kind = .scripted
    file.model.width = width
    file.amplification.contexts = 2
    file.amplification.questions = 1
    file.distillation.steps = 1
    file.distillation.microbatches = 1
    file.dashboard.bind = "http://127.0.0.1:\(dashboard)"
    return file
  }

  func run() async throws {
    let folder = NSTemporaryDirectory() + UniqueName.of("grove-join")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let dashboard = try await Trial.freePort()
    let address = "tcp://127.0.0.1:\(try await Trial.freePort())"
    try file(folder, dashboard: dashboard).yaml.write(
      toFile: "\(folder)/cluster.yaml", atomically: true, encoding: .utf8)
    let coordinator = try await Bench.coordinator(of: folder, at: address)
    func worker(_ number: Int) async throws -> Child {
      let command = [Executable.path, "worker", "--config", "\(folder)/cluster.yaml", "--coordinator", address]
      let log = Child.Output.file("\(folder)/log")
      return try await Child("worker", command + ["--name", "worker-\(number)"], output: log, errors: log)
    }
    let configuration = try ClusterSystem.Configuration(
      file(folder, dashboard: dashboard), name: "watcher", role: ActorNames.client, bind: nil, Build.fingerprint)
    let look = Look(
      metrics: "http://127.0.0.1:\(dashboard)/metrics", address: address, coordinator: coordinator,
      system: try ClusterSystem(configuration, log: Logs.quiet))
    var workers = [try await worker(0)]
    try await look.until(round: 3, workersUp: 1)

    let (before, started) = (try await look.sentBytes(), ContinuousClock.now)
    workers.append(try await worker(1))
    try await look.until(round: 0, workersUp: 2)
    let (one, soon) = (try await look.sentBytes() - before, started.duration(to: .now) / .seconds(1))

    let (beforeMany, startedMany) = (try await look.sentBytes(), ContinuousClock.now)
    for number in 0..<joiners { workers.append(try await worker(2 + number)) }
    try await look.until(round: 0, workersUp: 2 + joiners)
    let (many, late) = (try await look.sentBytes() - beforeMany, startedMany.duration(to: .now) / .seconds(1))
    for process in workers + [coordinator] { process.signal(SIGKILL) }
    await look.system.shutdown()

    let colours = Terminal.colours
    var table = Table(["", "at work after", "sent by the coordinator"], rightAligned: [1, 2])
    table.add(["one joins", String(format: "%.2f s", soon), String(format: "%.2f MB", one / 1e6)])
    table.add(["\(joiners) join at once", String(format: "%.2f s", late), String(format: "%.2f MB", many / 1e6)])
    print(table.lines(colours: colours).joined(separator: "\n"), "", separator: "\n")
    // Four vectors of each model go to a worker: with X of 100 MB about 400.
    let replica = 4 * 28 * Double(width * width) * 4
    for promise in [
      Promise(name: "from its start to work, s", value: soon, most: 2),
      Promise(name: "\(joiners) cost the coordinator, of two replicas' bytes", value: many / (2 * replica), most: 1),
    ] { print(promise.line(colours: colours)) }
  }

  /// What the coordinator says of itself.
  private struct Look {
    let metrics: String
    let address: String
    let coordinator: Child
    let system: ClusterSystem

    func sentBytes() async throws -> Double {
      let name = "grove_sent_bytes_total "
      let text = try await Fetcher().reply(to: Fetch(metrics)).text
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
        let bytes = Double(line.dropFirst(name.count))
      else { throw Failure("the coordinator of the benchmark does not say what it sent") }
      return bytes
    }

    func until(round: Int, workersUp: Int) async throws {
      while true {
        guard coordinator.isRunning else { throw Failure("the coordinator of the benchmark ended") }
        let status = try? await RemoteCall.with(timeout: .seconds(2)) {
          let node = try await system.connect(to: address, timeout: .seconds(2))
          return try await CoordinatorReference.resolve(
            id: .init(node: node, name: ActorNames.coordinator), using: system
          ).status()
        }
        // Who has the models, and gets work.
        if let status, status.run.round >= round, status.workers.count(where: { $0.state == "up" }) >= workersUp {
          return
        }
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }
}
