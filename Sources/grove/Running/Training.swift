import ClusterFile
import Coordinator
import Descriptors
import Foundation
import Logging
import Oversight
import ServiceLifecycle
import Status
import ZeroMQ

/// A run on this machine: the coordinator in this process, its workers as children, and progress for people.
package struct Training {
  private let coordinator: Coordinator
  private let file: ClusterFile
  private let name: String
  private let progress: Progress
  private let log: Logger
  private let logging: LogOptions
  private let web: Web?
  private let isShown: Bool

  /// Opens the run.
  ///
  /// - Parameter orAnywhere: whether any free port will do if the configuration's, which is then the default, is taken.
  /// - Throws: a sentence, if it can't be opened.
  package init(
    _ file: ClusterFile, name: String, title: String, isShown: Bool, taking: TakingUpOptions, logging: LogOptions,
    orAnywhere: Bool = true
  ) async throws {
    self.file = file
    self.name = name
    self.logging = logging
    self.isShown = isShown
    log = Logs.named("coordinator", level: isShown ? .notice : .warning)
    (coordinator, web) = try await Coordinator.open(file, name: name, taking, orAnywhere: orAnywhere, log: log)
    progress = Progress(coordinator: coordinator, title: title, isShown: isShown)
  }

  /// How the run is.
  var status: ClusterStatus {
    get async { await coordinator.status() }
  }

  /// Trains to the end; the result is nil if a signal asked to stop before.
  ///
  /// - Parameter dismissingWorkers: whether workers that joined by themselves are asked to end, too.
  package func run(dismissingWorkers: Bool = true) async throws -> (result: RunResult?, history: [MetricsLine]) {
    try await coordinator.announced(name, in: file.run.folder) { live in
      try await run(dismissingWorkers: dismissingWorkers, live)
    }
  }

  private func run(
    dismissingWorkers: Bool, _ live: LiveRun.Announcement
  ) async throws -> (result: RunResult?, history: [MetricsLine]) {
    let children = try Children(
      file, endpoint: coordinator.endpoint, folder: "\(file.run.folder)/\(name)", logging: logging, log: log)
    let service = CoordinatorProcess(
      coordinator: coordinator, dismissingWorkers: dismissingWorkers, outcome: CoordinatorProcess.Outcome())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await progress.show() }
      if !isShown { group.addTask { await coordinator.announceWaiting(log) } }
      group.addTask { for await processID in coordinator.stuck { children.kill(processID) } }
      group.addTask { await coordinator.serveDashboard(web, live, log: log) }
      for number in 1...max(1, file.cluster.workers) where number <= file.cluster.workers {
        group.addTask {
          do {
            try await children.keep(number)
          } catch {
            await coordinator.board.stop()
            throw error
          }
        }
      }
      try await ServiceGroup.run([service])
      group.cancelAll()
      try await group.waitForAll()
    }
    return (service.outcome.result, await coordinator.board.history)
  }
}

extension Coordinator {
  /// Opens a run and its pages, and says in a sentence why it can't: then nothing is left of a run that was new.
  static func open(
    _ file: ClusterFile, name: String, _ taking: TakingUpOptions, orAnywhere: Bool = false, log: Logger
  ) async throws -> (Coordinator, Web?) {
    try DescriptorLimit.checkRun(file)
    // Of a run that this process made before, nothing is counted any more.
    RunFolder.registry.reset()
    func opened(at bind: String) async throws -> Coordinator {
      try await Coordinator(
        file, name: name, people: People.deciding(in: file), fingerprint: Build.fingerprint,
        acceptingBuild: taking.acceptBuild, bind: bind, log: log)
    }
    let coordinator: Coordinator
    do {
      coordinator = try await opened(at: file.cluster.bind)
    } catch let error as ZeroMQError where error.isAddressInUse {
      if orAnywhere, file.cluster.bind == ClusterFile().cluster.bind {
        coordinator = try await opened(at: "tcp://127.0.0.1:*")
        log.notice("\(file.cluster.bind) is in use, perhaps by another run: this one is at \(coordinator.endpoint)")
      } else {
        throw Failure(
          "\(file.cluster.bind) is in use, perhaps by another run: stop that one, or choose another address with "
            + "--set cluster.bind=tcp://127.0.0.1:PORT (* as PORT takes any that is free)")
      }
    }
    do {
      return (
        coordinator, try Web(file, source: RunFolder(folder: file.run.folder, coordinator: coordinator), log: log)
      )
    } catch {
      await coordinator.takeBack()
      throw error
    }
  }

  /// Runs `body`, while the run's folder says where it is found. If it fails before a round is done, nothing is left of it.
  func announced<Result>(
    _ name: String, in folder: String, _ body: (LiveRun.Announcement) async throws -> Result
  ) async throws -> Result {
    do {
      return try await LiveRun.announced(name, at: endpoint, in: folder, body)
    } catch {
      await takeBack()
      throw error
    }
  }
}
