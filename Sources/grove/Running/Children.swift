import ClusterFile
import Descriptors
import Foundation
import Logging
import Processes
import Status
import Synchronization

/// The workers that this process starts, and starts again when they end by mishap.
final class Children: Sendable {
  private let coordinator: String
  private let folder: String
  private let log: Logger
  private let logging: LogOptions
  private let running = Mutex<Set<Int32>>([])

  /// A child that ends sooner than this after its start has ended at once,
  private static let atOnce = Duration.seconds(10)
  /// and when it did so many times in a row, starting it again is no use.
  private static let mostTries = 5

  init(_ file: ClusterFile, endpoint: String, folder: String, logging: LogOptions, log: Logger) throws {
    coordinator = endpoint
    self.folder = folder
    self.log = log
    self.logging = logging
    try FileManager.default.createDirectory(atPath: "\(folder)/logs", withIntermediateDirectories: true)
  }

  /// Keeps a worker running until it is dismissed or the task is cancelled; then it has ended.
  ///
  /// - Throws: ``Failure`` if it ends again and again at once.
  func keep(_ number: Int) async throws {
    let name = "worker-\(number)"
    let path = "\(folder)/logs/\(name).log"
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    var tries = 0
    while !Task.isCancelled {
      for _ in 0..<Self.looks where !areDescriptorsLeft(Self.needed) { try? await Task.sleep(for: Self.pause) }
      let started = ContinuousClock.now
      let ending = try await run(name, log: path)
      if Task.isCancelled || [.exit(0), .exit(ExitStatus.unfit.rawValue)].contains(ending) { return }
      if ending == .exit(ExitStatus.startAgain.rawValue) {
        tries = 0
      } else {
        tries = started.duration(to: .now) < Self.atOnce ? tries + 1 : 1
      }
      guard tries < Self.mostTries else {
        // The log goes with a run that has come to nothing.
        let log = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let why = log.split(separator: "\n").last.map { ": \($0)" } ?? ", and says nothing"
        throw Failure("\(name) ends as soon as it is started (\(ending))\(why)")
      }
      log.warning("\(name) ended (\(tries == 0 ? "it asked for that" : "\(ending)")); it is started again")
      try? await Task.sleep(for: .milliseconds(250) * (1 << tries))
    }
  }

  /// Ends a child that hangs, so that it is started again.
  func kill(_ processID: Int32) {
    // Of those that are not this process's, others have to think.
    running.withLock { if $0.contains(processID) { _ = Glibc.kill(processID, SIGKILL) } }
  }
}

extension Children {
  /// Descriptors that starting one takes for a moment,
  private static let needed = 12
  /// and how often, and how long apart, it is looked whether there are as many.
  private static let looks = 100
  private static let pause = Duration.milliseconds(100)

  /// What a child that is asked to end may take for it. One that stands still does not hear that it is asked.
  private static let patience = Duration.seconds(3)

  /// Runs a worker to its end, which being cancelled asks for.
  private func run(_ name: String, log path: String) async throws -> Child.Ending {
    let command =
      [Executable.path, "worker"]
      // In one word, so that none is taken for an option, whatever it begins with.
      + ["--config=\(folder)/config.yaml", "--coordinator=\(coordinator)", "--name=\(name)", "--attached"]
      + logging.arguments
    var processID: Int32 = 0
    defer { running.withLock { _ = $0.remove(processID) } }
    do {
      // Its input is held open: when that ends, because this process ended, it ends too.
      return try await Child.run(command, input: Pipe(), errors: .file(path), patience: Self.patience) { started in
        processID = started
        running.withLock { _ = $0.insert(started) }
      }
    } catch {
      if Task.isCancelled { return .exit(0) }
      throw Failure("\(name) can't be started: \(areDescriptorsLeft(Self.needed) ? "\(error)" : "too many open files")")
    }
  }
}
