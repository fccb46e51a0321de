import ArgumentParser
import Foundation
import Processes

/// `grove bench`
package struct Bench: ParsableCommand {
  package static let configuration = CommandConfiguration(
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
               grove bench language WEIGHTS
      """,
    subcommands: [
      BenchActors.self, BenchDistil.self, BenchScale.self, BenchJoin.self, BenchHosts.self, BenchFaults.self,
      BenchDashboard.self,
      BenchAsking.self,
      BenchReview.self, BenchCheckpoint.self, BenchDesk.self, BenchLanguage.self, BenchEcho.self, BenchSimulated.self,
    ])

  package init() {}

  /// A coordinator at an address, of the `cluster.yaml` in a folder.
  static func coordinator(of folder: String, at address: String) async throws -> Child {
    try await Child(
      "coordinator",
      [
        Executable.path, "coordinator", "--config", "\(folder)/cluster.yaml", "--name", "bench", "--set",
        "cluster.bind=\(address)",
      ], output: .file("\(folder)/log"), errors: .file("\(folder)/log"))
  }
}
