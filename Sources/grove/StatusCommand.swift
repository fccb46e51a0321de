import ActorCluster
import ArgumentParser
import Coordinator
import Foundation
import Status

/// `grove status`
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows the cluster, its workers and its run.",
    discussion: """
      Ends with 0 if all is well, with 3 if there is a problem (it says which), and with 1 if no coordinator answers.

      Example: grove status --watch
               grove status mine --json
      """)

  /// The exit code of a cluster that is not well.
  private static let problem: Int32 = 3

  @Argument(help: "The run's name; by default the only one that is under way in the folder of runs.") var run: String?
  @OptionGroup var options: CoordinatorOptions
  @Flag(help: "Print facts as JSON.") var json = false
  @Flag(help: "Show it again every second, until Ctrl-C.") var watch = false

  func validate() throws { try options.refuseCoordinator(and: run) }

  func run() async throws {
    repeat {
      let status: ClusterStatus
      do {
        status = try await options.withCoordinator(of: run) { try await $0.status() }
      } catch  where watch && (error is Failure || error is RemoteCallError) {
        Terminal.redraw(["\(error)", "", "Waiting for it."])
        try await Task.sleep(for: .seconds(1))
        continue
      }
      if json {
        print(String(decoding: try JSONEncoder.forPeople.encode(status), as: UTF8.self))
      } else if watch {
        Terminal.redraw(TextReport.lines(status, colours: Terminal.isInteractive))
      } else {
        print(TextReport.lines(status, colours: Terminal.isInteractive).joined(separator: "\n"))
      }
      if watch { try await Task.sleep(for: .seconds(1)) } else if !status.isHealthy { throw ExitCode(Self.problem) }
    } while watch
  }
}

/// `grove stop`
struct Stop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Ends the run with a checkpoint: after its present round, or of the one before if that takes longer than 4 s.",
    discussion: """
      Example: grove stop
               grove stop mine
      """)

  @Argument(help: "The run's name; by default the only one that is under way in the folder of runs.") var run: String?
  @OptionGroup var options: CoordinatorOptions

  func validate() throws { try options.refuseCoordinator(and: run) }

  func run() async throws {
    try await options.withAdmin(of: run) { try await $0.stop() }
    print("The run ends within seconds, with a checkpoint.")
  }
}
