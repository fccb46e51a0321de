import ClusterFile
import Coordinator
import Foundation
import Logging
import ServiceLifecycle
import Status
import ZeroMQ

/// A run on this machine: the coordinator in this process, its workers as children, and progress for people.
struct Training {
  private let coordinator: Coordinator
  private let file: ClusterFile
  private let name: String
  private let progress: Progress
  private let log: Logger

  /// Opens the run. - Throws: a sentence, if it can't be opened.
  init(_ file: ClusterFile, name: String, title: String, isShown: Bool) throws {
    self.file = file
    self.name = name
    log = Logs.named("coordinator", level: isShown ? .notice : .warning)
    coordinator = try Coordinator.open(file, name: name, log: log)
    progress = Progress(coordinator: coordinator, title: title, isShown: isShown)
  }

  /// The round that was done last.
  var round: Int {
    get async { await coordinator.board.status.round }
  }

  /// Trains to the end; the result is nil if a signal asked to stop before.
  ///
  /// - Parameter dismissingWorkers: whether workers that joined by themselves are asked to end, too.
  func run(dismissingWorkers: Bool = true) async throws -> (result: RunResult?, history: [MetricsLine]) {
    let children = Children(file, endpoint: coordinator.endpoint, folder: "\(file.run.folder)/\(name)")
    defer { children.stop() }
    try children.start(file.cluster.workers)
    let service = CoordinatorProcess(
      coordinator: coordinator, dismissingWorkers: dismissingWorkers, outcome: CoordinatorProcess.Outcome())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await progress.show() }
      try await ServiceGroup.run([service], log: log)
      group.cancelAll()
    }
    return (service.outcome.result, await coordinator.board.history)
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

/// The workers that this process starts.
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
    for number in 0..<count {
      let path = "\(logs)/worker-\(number + 1).log"
      _ = FileManager.default.createFile(atPath: path, contents: nil)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      process.arguments = [
        "worker", "--config", "\(folder)/config.yaml", "--coordinator", endpoint, "--name", "worker-\(number + 1)",
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
