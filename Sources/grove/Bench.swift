import ArgumentParser
import Chaos
import Foundation

/// `grove bench`
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures Grove beside its peers, in the same run.",
    discussion: """
      For figures that mean something, build in release and leave the machine alone meanwhile.

      Example: grove bench actors
               grove bench distil
               grove bench scale
               grove bench join
               sudo grove bench hosts
               grove bench faults
               grove bench dashboard
               grove bench asking
               grove bench review first
               grove bench checkpoint
               grove bench desk
      """,
    subcommands: [
      BenchActors.self, BenchDistil.self, BenchScale.self, BenchJoin.self, BenchHosts.self, BenchFaults.self,
      BenchDashboard.self,
      BenchAsking.self,
      BenchReview.self, BenchCheckpoint.self, BenchDesk.self, BenchEcho.self, BenchSimulated.self,
    ])

  /// This program.
  static var executable: URL { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath() }

  /// A coordinator at an address, of the `cluster.yaml` in a folder.
  static func coordinator(of folder: String, at address: String) throws -> Subprocess {
    try Subprocess(
      "coordinator",
      [
        executable.path, "coordinator", "--config", "\(folder)/cluster.yaml", "--name", "bench", "--set",
        "cluster.bind=\(address)",
      ], log: "\(folder)/log")
  }

  /// The figure in the middle.
  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}

/// Another process of a benchmark: it prints a line when it is ready, and one for each line that it is sent.
final class BenchChild {
  let process = Process()
  /// What it printed first.
  private(set) var firstLine = ""
  private let input = Pipe()
  private let output = Pipe()

  /// This program again.
  convenience init(_ arguments: [String]) throws {
    try self.init(Bench.executable, arguments)
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

/// A figure that Grove promises.
struct Promise {
  let name: String
  let value: Double
  private let bound: Double
  private let isLeast: Bool

  init(name: String, value: Double, least: Double) {
    (self.name, self.value, bound, isLeast) = (name, value, least, true)
  }

  init(name: String, value: Double, most: Double) {
    (self.name, self.value, bound, isLeast) = (name, value, most, false)
  }

  func line(colours: Bool) -> String {
    let isMet = isLeast ? value >= bound : value <= bound
    let verdict = isMet ? Terminal.coloured("met", 32, colours) : Terminal.coloured("missed", 31, colours)
    return "  \(name.padding(to: 56))\(String(format: "%7.2f", value))   at \(isLeast ? "least" : "most ") "
      + "\(String(format: "%.2f", bound))  \(verdict)"
  }
}
