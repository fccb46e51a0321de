import Commands
import Foundation
import Processes

/// Another process of a benchmark: it prints a line when it is ready, and one for each line that it is sent.
final class BenchChild {
  let process = Process()
  /// What it printed first.
  private(set) var firstLine = ""
  private let input = Pipe()
  private let output = Pipe()

  /// This program again.
  convenience init(_ arguments: [String]) throws {
    try self.init(Executable.url, arguments)
  }

  init(_ executable: URL, _ arguments: [String]) throws {
    process.executableURL = executable
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    firstLine = try nextLine()
  }

  /// What it answers to a line.
  func ask() throws -> String {
    input.fileHandleForWriting.write(Data("\n".utf8))
    return try nextLine()
  }

  /// Closes its input, upon which it ends.
  func end() {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  private func nextLine() throws -> String {
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), let first = byte.first {
      if first == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(first)
    }
    throw Failure(
      "a process that the benchmark started ended too early: \((process.arguments ?? []).joined(separator: " "))")
  }
}
