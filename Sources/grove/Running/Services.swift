import Coordinator
import Foundation
import Logging
import ServiceLifecycle
import Status
import Synchronization
import UnixSignals
import Worker

/// A coordinator that ends its run with a checkpoint when the process is asked to end.
struct CoordinatorProcess: Service {
  let coordinator: Coordinator
  var dismissingWorkers = true
  let outcome: Outcome

  /// Where the result is left.
  final class Outcome: Sendable {
    private let value = Mutex<RunResult?>(nil)
    var result: RunResult? {
      get { value.withLock(\.self) }
      set { value.withLock { $0 = newValue } }
    }
  }

  func run() async throws {
    let board = coordinator.board
    outcome.result = try await withGracefulShutdownHandler {
      try await coordinator.run(dismissingWorkers: dismissingWorkers)
    } onGracefulShutdown: {
      Task { await board.stop() }
    }
  }
}

/// A worker that ends when the process is asked to.
struct WorkerProcess: Service {
  let worker: WorkerService
  /// Whether it also ends when its standard input does, which its parent holds open.
  let isAttached: Bool
  let outcome = Outcome()

  /// Where it is left how the worker ended.
  final class Outcome: Sendable {
    private let value = Mutex(WorkerService.Ending.end)
    var ending: WorkerService.Ending {
      get { value.withLock(\.self) }
      set { value.withLock { $0 = newValue } }
    }
  }

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          outcome.ending = try await worker.run(hangs: {
            _exit(($0.map { ExitStatus($0) } ?? .failed).rawValue)
          })
        }
        if isAttached { group.addTask { await standardInputEnds() } }
        try await group.next()
        group.cancelAll()
      }
    }
  }

  private func standardInputEnds() async {
    let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
    let thread = Thread {
      StandardStreams.inputEnds()
      continuation.finish()
    }
    thread.start()
    for await _ in ended {}
  }
}

extension ServiceGroup {
  /// Runs services until the first ends, or a signal asks for the end.
  static func run(_ services: [any Service], endingAt signals: [UnixSignal] = Signals.ending) async throws {
    let configurations = services.map {
      ServiceGroupConfiguration.ServiceConfiguration(
        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
        failureTerminationBehavior: .gracefullyShutdownGroup)
    }
    var configuration = ServiceGroupConfiguration(
      services: configurations, gracefulShutdownSignals: signals, logger: Logs.quiet)
    configuration.maximumGracefulShutdownDuration = .seconds(60)
    try await ServiceGroup(configuration: configuration).run()
  }
}
