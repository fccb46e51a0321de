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
