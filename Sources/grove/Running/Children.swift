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
      let child = try await child(name, log: path)
      let started = ContinuousClock.now
      running.withLock { _ = $0.insert(child.processID) }
      let ending = await child.end()
      running.withLock { _ = $0.remove(child.processID) }
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
      log.warning("\(name) ended (\(ending)); it is started again")
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

  private func child(_ name: String, log path: String) async throws -> Child {
    for _ in 0..<Self.looks where !areDescriptorsLeft(Self.needed) { try? await Task.sleep(for: Self.pause) }
    do {
      return try Child(
        name, coordinator: coordinator, configuration: "\(folder)/config.yaml", logging: logging, log: path)
    } catch {
      let reason = areDescriptorsLeft(Self.needed) ? "\(error.localizedDescription)" : "too many open files"
      throw Failure("\(name) can't be started: \(reason)")
    }
  }
}

/// One worker process.
private final class Child: Sendable {
  /// How a process ended.
  enum Ending: Equatable, CustomStringConvertible {
    case exit(Int32), signal(Int32)

    var description: String {
      switch self {
      case .exit(ExitStatus.startAgain.rawValue): "it asked for that"
      case .exit(let code): "exit code \(code)"
      case .signal(let number): "signal \(number)"
      }
    }
  }

  var processID: Int32 { process.processIdentifier }
  private let process = Process()
  /// Held open: a child whose standard input ends, because this process ended, ends too.
  private let input = Pipe()
  private let ends: AsyncStream<Ending>

  init(_ name: String, coordinator: String, configuration: String, logging: LogOptions, log: String) throws {
    process.executableURL = Executable.url
    process.arguments =
      ["worker"]
      // In one word, so that none is taken for an option, whatever it begins with.
      + ["--config=\(configuration)", "--coordinator=\(coordinator)", "--name=\(name)", "--attached"]
      + logging.arguments
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    if let lines = FileHandle(forWritingAtPath: log) {
      _ = try? lines.seekToEnd()
      process.standardError = lines
    }
    let (ends, continuation) = AsyncStream.makeStream(of: Ending.self)
    self.ends = ends
    process.terminationHandler = { process in
      let code = process.terminationStatus
      continuation.yield(process.terminationReason == .exit ? .exit(code) : .signal(code))
      continuation.finish()
    }
    try process.run()
  }

  /// What a child that is asked to end may take for it. One that stands still does not hear that it is asked.
  private static let patience = Duration.seconds(3)

  /// Waits for its end, which being cancelled asks for.
  func end() async -> Ending {
    // Not the task's own wait, which being cancelled would end before the process has.
    let ended = Task { [ends] in await ends.first { _ in true } ?? .exit(0) }
    return await withTaskCancellationHandler {
      await ended.value
    } onCancel: {
      guard process.isRunning else { return }
      process.terminate()
      let killer = Task {
        guard (try? await Task.sleep(for: Self.patience)) != nil, process.isRunning else { return }
        kill(processID, SIGKILL)
      }
      Task {
        _ = await ended.value
        killer.cancel()
      }
    }
  }
}
