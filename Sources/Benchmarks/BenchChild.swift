import Commands
import Foundation
import Processes

/// Another process of a benchmark: it prints a line when it is ready, and one for each line that it is sent.
final class BenchChild {
  /// What it printed first.
  private(set) var firstLine = ""
  private let child: Child
  private let command: [String]
  private let input = Pipe()
  private var lines: AsyncStream<String>.Iterator

  /// This program again.
  convenience init(_ arguments: [String]) async throws { try await self.init(command: [Executable.path] + arguments) }

  init(command: [String]) async throws {
    self.command = command
    let (lines, found) = AsyncStream.makeStream(of: String.self)
    self.lines = lines.makeAsyncIterator()
    child = try await Child("bench", command, input: input, errors: .inherited) { found.yield($0) }
    Task { [child] in
      _ = try? await child.end()
      found.finish()
    }
    firstLine = try await nextLine()
  }

  /// What it answers to a line.
  func ask(_ line: String = "") async throws -> String {
    input.fileHandleForWriting.write(Data("\(line)\n".utf8))
    return try await nextLine()
  }

  /// Closes its input, upon which it ends.
  func end() async throws {
    try input.fileHandleForWriting.close()
    _ = try await child.end()
  }

  /// Ends it, whatever it does.
  func kill() { child.signal(SIGKILL) }

  private func nextLine() async throws -> String {
    guard let line = await lines.next() else {
      throw Failure("a process that the benchmark started ended too early: \(command.joined(separator: " "))")
    }
    return line
  }
}
