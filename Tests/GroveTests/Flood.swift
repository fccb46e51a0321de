import Foundation
import Testing

/// Connections that a process of its own opens at a port, and on which it then says nothing until this is let go.
///
/// Not in the tests' process: Foundation can't start others from one that has thousands of files open.
final class Flood {
  private let process: Running

  /// - Parameter greeting: what each says first, which is never all that it would have to say.
  init(_ count: Int, at port: Int, greeting: String = "", in folder: String) throws {
    let script = """
      ulimit -n \(count + 64) || exit
      for i in $(seq \(count)); do exec {one}<>/dev/tcp/127.0.0.1/\(port) && printf '\(greeting)' >&$one; done
      echo all are open
      exec sleep infinity
      """
    process = try Running(URL(fileURLWithPath: "/bin/bash"), ["-c", script], in: folder)
  }

  /// Waits until all have been opened.
  func stands() async throws { _ = try #require(await process.line(containing: "all are open")) }
}

extension Program {
  /// Starts it where so many files may be open, and no more even if it asks.
  func start(_ arguments: [String], openFiles: Int) throws -> Running {
    try Running(
      URL(fileURLWithPath: "/bin/sh"),
      ["-c", "ulimit -n \(openFiles) && exec \"$0\" \"$@\"", Self.path] + arguments, in: folder)
  }
}

/// Of the sockets that a process holds, the ports of those that listen.
func listeningPorts(of process: Int32) -> [Int] {
  let folder = "/proc/\(process)/fd"
  let held = Set(
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap { descriptor in
      try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)")
    })
  let table = (try? String(contentsOfFile: "/proc/\(process)/net/tcp", encoding: .utf8)) ?? ""
  return table.split(separator: "\n").dropFirst().compactMap { line in
    let columns = line.split(separator: " ")
    guard columns.count > 9, columns[3] == "0A", held.contains("socket:[\(columns[9])]") else { return nil }
    return columns[1].split(separator: ":").last.flatMap { Int($0, radix: 16) }
  }
}
