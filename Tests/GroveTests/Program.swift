import Foundation
import Synchronization
import Testing

/// The program under test, run as people run it, in a folder of its own that is removed with it.
final class Program {
  struct Ended {
    let status: Int32
    let output: String
    let errors: String
  }

  let folder = NSTemporaryDirectory() + "grove-program-\(UUID().uuidString)"

  /// Beside the tests' own executable.
  private static let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("grove")

  static var path: String { executable.path }

  /// What it loads when it computes.
  static var library: String { executable.deletingLastPathComponent().appendingPathComponent("libGroveTorch.so").path }

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ text: String, to file: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder).appendingPathComponent(file))
  }

  func json(_ file: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent(file))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// - Parameter environment: variables beside those of this process.
  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Running {
    guard !environment.isEmpty else { return try Running(Self.executable, arguments, in: folder) }
    // Through a second process image: libfaketime loses a Swift program its arguments in the first one that it is in.
    let env = URL(fileURLWithPath: "/usr/bin/env")
    return try Running(
      env, environment.map { "\($0.key)=\($0.value)" } + [env.path, Self.executable.path] + arguments, in: folder)
  }

  /// Runs it to its end.
  func callAsFunction(_ arguments: String...) async throws -> Ended { try await start(arguments).ended() }

  func callAsFunction(_ arguments: [String]) async throws -> Ended { try await start(arguments).ended() }

  /// An address that nobody listens on at this moment.
  static func freeAddress() throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let failed = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) != 0 || getsockname(descriptor, $0, &length) != 0
      }
    }
    try #require(!failed)
    return "tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
  }
}

/// A process of the program that runs.
final class Running: Sendable {
  private let process: Process
  private let output: Lines
  private let errors: Lines

  init(_ executable: URL, _ arguments: [String], in folder: String) throws {
    process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let (out, err) = (Pipe(), Pipe())
    process.standardOutput = out
    process.standardError = err
    process.standardInput = FileHandle.nullDevice
    try process.run()
    output = Lines(out.fileHandleForReading)
    errors = Lines(err.fileHandleForReading)
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.patience)) { [weak self] in self?.isTooLate() }
  }

  /// Seconds; longer than any test lasts, also where much else is computed.
  private static let patience = 900

  /// Ends a process that its test waits for in vain: the test fails and says which, where all tests would wait.
  private func isTooLate() {
    guard process.isRunning else { return }
    Issue.record(
      """
      still there after \(Self.patience) s: \((process.arguments ?? []).joined(separator: " "))
      Its last lines: \(errors.last(20))
      """)
    kill(processID, SIGKILL)
  }

  deinit { if process.isRunning { kill(processID, SIGKILL) } }

  var processID: Int32 { process.processIdentifier }

  /// Processes that it started.
  var children: [Int32] { Self.children(of: processID) }

  static func children(of processID: Int32) -> [Int32] {
    let path = "/proc/\(processID)/task/"
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return threads.flatMap { thread in
      ((try? String(contentsOfFile: path + thread + "/children", encoding: .utf8)) ?? "").split(separator: " ")
        .compactMap { Int32($0) }
    }
  }

  var isRunning: Bool { process.isRunning }

  /// Whether it ended by itself.
  var wasNotSignalled: Bool { process.terminationReason == .exit }

  /// Signals it, if it is still there.
  func signal(_ number: Int32) { if isRunning { kill(processID, number) } }

  /// The first line of its output, or of its errors, that contains a text; nil if it ended without.
  func line(containing text: String, ofErrors: Bool = false) async -> String? {
    await (ofErrors ? errors : output).first { $0.contains(text) }
  }

  func ended() async -> Program.Ended {
    let (output, errors) = (await output.all, await errors.all)
    await Running.gone(processID)
    process.waitUntilExit()
    let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return .init(status: status, output: output, errors: errors)
  }

  /// Not in the Glibc module: a descriptor of a process, readable once it has ended.
  private static let pidfdOpen = dlsym(nil, "pidfd_open").map {
    unsafeBitCast($0, to: (@convention(c) (Int32, UInt32) -> Int32).self)
  }

  /// Waits until a process is no more, also one that is no child of this one.
  static func gone(_ processID: Int32) async {
    let descriptor = Self.pidfdOpen?(processID, 0) ?? -1
    guard descriptor >= 0 else { return }
    let (ended, continuation) = AsyncStream.makeStream(of: Never.self)
    Thread.detachNewThread {
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      poll(&watched, 1, -1)
      close(descriptor)
      continuation.finish()
    }
    for await _ in ended {}
  }
}

/// The lines that a process writes, read as they come by a thread of their own.
private final class Lines: Sendable {
  private struct State {
    var lines: [String] = []
    var isEnded = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  init(_ handle: FileHandle) {
    Thread.detachNewThread { [self] in
      var rest = Data()
      while true {
        let data = handle.availableData
        rest += data
        var lines: [String] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
          lines.append(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
          rest = Data(rest[(end + 1)...])
        }
        if data.isEmpty, !rest.isEmpty { lines.append(String(decoding: rest, as: UTF8.self)) }
        let waiting = state.withLock { state in
          state.lines += lines
          state.isEnded = data.isEmpty
          defer { state.waiting = [] }
          return state.waiting
        }
        for continuation in waiting { continuation.resume() }
        if data.isEmpty { return }
      }
    }
  }

  func first(where isWanted: (String) -> Bool) async -> String? {
    while true {
      let (found, isEnded, count) = state.withLock { ($0.lines.first(where: isWanted), $0.isEnded, $0.lines.count) }
      if found != nil || isEnded { return found }
      await withCheckedContinuation { continuation in
        let isNew = state.withLock { state in
          if state.lines.count > count || state.isEnded { return true }
          state.waiting.append(continuation)
          return false
        }
        if isNew { continuation.resume() }
      }
    }
  }

  func last(_ count: Int) -> String { state.withLock { $0.lines.suffix(count).joined(separator: "\n") } }

  var all: String {
    get async {
      _ = await first { _ in false }
      return state.withLock { $0.lines.joined(separator: "\n") }
    }
  }
}
