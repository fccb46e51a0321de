import ActorCluster
import ArgumentParser
import ClusterFile
import Coordinator
import Foundation
import Logging
import RunStore
import ServiceLifecycle
import Status
import Tasks
import WorkUnits
import ZeroMQ

/// `grove run`
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains on this machine: a coordinator in this process, and workers as its children.",
    discussion: """
      A run that was interrupted goes on where it was when it is started again under its name.

      Example: grove run
               grove run --name bigger --workers 2 --seed 7 --set task.size=16 --set task.bits=4
      """)

  @OptionGroup var options: ConfigurationOptions
  @Option(help: "The run's name; by default task, size and seed.") var name: String?
  @Option(help: "Worker processes.") var workers: Int?
  @Option(help: "Of every random number.") var seed: UInt64?
  @Flag(help: "Print the result as JSON, and progress nowhere.") var json = false

  func run() async throws {
    var overrides = options.overrides
    if let workers { overrides.append("cluster.workers=\(workers)") }
    if let seed { overrides.append("run.seed=\(seed)") }
    var withOverrides = options
    withOverrides.overrides = overrides
    let file = try withOverrides.read()
    let task = try TaskCatalog.task(file.task.name, size: file.task.size, bits: file.task.bits)
    let name = name ?? "\(file.task.name)-\(file.task.size)-seed-\(file.run.seed)"
    guard ClusterFile.isName(name) else {
      throw Failure("“\(name.prefix(80))” can't name a run: letters, digits, - and _ are allowed, 64 at most")
    }
    if let finished = try finishedResult(name, file) {
      return try show(finished, history: finished.history, already: true)
    }

    let log = Logs.named("coordinator", level: json ? .warning : .notice)
    let coordinator = try Coordinator.open(file, name: name, log: log)
    let children = Children(file, endpoint: coordinator.endpoint, folder: "\(file.run.folder)/\(name)")
    defer { children.stop() }
    try children.start(file.cluster.workers)
    let outcome = CoordinatorProcess.Outcome()
    let progress = Progress(coordinator: coordinator, title: title(name, task, file), isShown: !json)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await progress.show() }
      try await ServiceGroup.run([CoordinatorProcess(coordinator: coordinator, outcome: outcome)], log: log)
      group.cancelAll()
    }
    if let result = outcome.result {
      try show((result, []), history: await coordinator.board.history, already: false)
    } else if !json {
      print("Stopped after round \(await coordinator.board.status.round). The same command goes on from there.")
    }
  }

  private func title(_ name: String, _ task: any TaskDefinition, _ file: ClusterFile) -> String {
    "\(name) · \(type(of: task).summary) · \(file.task.size) elements · \(file.cluster.workers) workers · seed \(file.run.seed)"
  }

  private typealias Finished = (result: RunResult, history: [MetricsLine])

  private func finishedResult(_ name: String, _ file: ClusterFile) throws -> Finished? {
    guard let store = try? RunStore.read(name, in: file.run.folder), let data = store.contents(of: "result.json"),
      let result = try? JSONDecoder().decode(RunResult.self, from: data)
    else { return nil }
    return (result, store.metricsLines.compactMap { try? JSONDecoder().decode(MetricsLine.self, from: $0) })
  }

  private func show(_ finished: Finished, history: [MetricsLine], already: Bool) throws {
    if json {
      print(String(decoding: try JSONEncoder.forPeople.encode(finished.result), as: UTF8.self))
      return
    }
    if already { print("The run \(finished.result.name) is finished; --name begins another.\n") }
    print(Report.text(finished.result, history: history, colours: Terminal.isInteractive))
  }
}

extension Coordinator {
  /// Opens a run, and says in a sentence why it can't.
  static func open(_ file: ClusterFile, name: String, log: Logger) throws -> Coordinator {
    do {
      return try Coordinator(file, name: name, fingerprint: Build.fingerprint, log: log)
    } catch let error as ZeroMQError where error.isAddressInUse {
      throw Failure(
        "\(file.cluster.bind) is in use, perhaps by another run: stop that one, or choose another address with "
          + "--set cluster.bind=tcp://127.0.0.1:PORT (* as PORT takes any that is free)")
    }
  }
}

/// The workers that `grove run` starts.
final class Children {
  private let file: ClusterFile
  private let endpoint: String
  private let folder: String
  private var processes: [Process] = []
  /// Held open: a child whose standard input ends, because this process ended, ends too.
  private var inputs: [Pipe] = []

  init(_ file: ClusterFile, endpoint: String, folder: String) {
    self.file = file
    self.endpoint = endpoint
    self.folder = folder
  }

  func start(_ count: Int) throws {
    let logs = "\(folder)/logs"
    try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
    for number in 1...count {
      let path = "\(logs)/worker-\(number).log"
      _ = FileManager.default.createFile(atPath: path, contents: nil)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      process.arguments = [
        "worker", "--config", "\(folder)/config.yaml", "--coordinator", endpoint, "--name", "worker-\(number)",
        "--attached",
      ]
      let input = Pipe()
      process.standardInput = input
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle(forWritingAtPath: path)
      try process.run()
      processes.append(process)
      inputs.append(input)
    }
  }

  /// Asks those that still run to end, and waits for them.
  func stop() {
    for process in processes where process.isRunning { process.terminate() }
    for process in processes { process.waitUntilExit() }
  }
}
