import ArgumentParser
import Foundation

/// `grove bench`
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures Grove beside its peers, in the same run.",
    discussion: """
      For figures that mean something, build in release and leave the machine alone meanwhile.

      Example: grove bench actors
               grove bench distil
               grove bench faults
               grove bench dashboard
               grove bench asking
               grove bench review first
      """,
    subcommands: [
      BenchActors.self, BenchDistil.self, BenchFaults.self, BenchDashboard.self, BenchAsking.self, BenchReview.self,
      BenchEcho.self,
    ])

  /// The figure in the middle.
  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// Starts this program again. - Returns: it, and what it prints first, a line.
  static func child(_ arguments: [String]) throws -> (process: Process, firstLine: String, input: Pipe) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), let first = byte.first {
      if first == UInt8(ascii: "\n") { return (process, String(decoding: line, as: UTF8.self), input) }
      line.append(first)
    }
    throw Failure("a process that the benchmark started ended before it was ready")
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
