import Foundation
import Processes
import Synchronization

/// A process of the cluster under test. It is killed with the object.
public final class Subprocess: Sendable {
  public let name: String
  private let process = Process()
  private let state = Mutex(State())

  private struct State {
    var ending: Int32?
    var waiting: [UUID: CheckedContinuation<Int32?, Never>] = [:]
  }

  /// - Parameters:
  ///   - command: the program, by its path or as the shell would find it, and its arguments.
  ///   - log: the file that it writes to, behind what is there.
  ///   - errors: where standard error goes in its place.
  public init(_ name: String, _ command: [String], log: String, errors: String? = nil) throws {
    self.name = name
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = FileHandle.nullDevice
    if !FileManager.default.fileExists(atPath: log) { _ = FileManager.default.createFile(atPath: log, contents: nil) }
    let lines = FileHandle(forWritingAtPath: log) ?? .nullDevice
    _ = try? lines.seekToEnd()
    process.standardOutput = lines
    process.standardError = errors.flatMap { FileHandle(forWritingAtPath: $0) } ?? lines
    process.terminationHandler = { [weak self] process in
      self?.ended(process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
    }
    try process.run()
  }

  deinit { signal(SIGKILL) }

  public var processID: Int32 { process.processIdentifier }
  public var isRunning: Bool { process.isRunning }

  public func signal(_ number: Int32) { if process.isRunning { kill(processID, number) } }

  private func ended(_ ending: Int32) {
    let waiting = state.withLock { state in
      state.ending = ending
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume(returning: ending) }
  }

  /// Waits for its end, also if it has ended. - Returns: its exit code, or the signal that ended it, negative.
  public func end() async throws -> Int32 {
    let key = UUID()
    let ending = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let known: Int32?? = state.withLock { state in
          if let ending = state.ending { return ending }
          if Task.isCancelled { return .some(nil) }
          state.waiting[key] = continuation
          return nil
        }
        if let known { continuation.resume(returning: known) }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: key) }?.resume(returning: nil)
    }
    guard let ending else { throw CancellationError() }
    return ending
  }

  /// Waits for its end, but not for long. - Returns: whether it had to be killed.
  func endsWithin(_ time: Duration) async throws -> Bool {
    let killer = Task { [self] in
      guard (try? await Task.sleep(for: time)) != nil, isRunning else { return false }
      signal(SIGKILL)
      return true
    }
    defer { killer.cancel() }
    _ = try await end()
    killer.cancel()
    return await killer.value
  }

  /// Processor time that it has taken; nil if it has ended.
  public var processorSeconds: Double? {
    guard let line = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8) else { return nil }
    // Behind the name, which may have spaces: state, parent, …, user time, system time.
    let fields = line.split(separator: ")").last?.split(separator: " ").map { Int($0) ?? 0 } ?? []
    return fields.count > 12 ? Double(fields[11] + fields[12]) / Double(sysconf(Int32(_SC_CLK_TCK))) : nil
  }

  /// Memory of it that is in RAM; nil if it has ended.
  public var residentBytes: Int? { ResidentMemory.bytes(of: processID) }

  /// Runs a command to its end. - Throws: ``TrialError`` with what it wrote if it failed.
  @discardableResult static func run(_ command: String...) async throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = await Task.detached {
      String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
    .value
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw TrialError("“\(command.joined(separator: " "))” failed: \(text.prefix(1000))")
    }
    return text
  }
}

/// Why a trial could not be made or went wrong, as a sentence.
public struct TrialError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
