import ActorCluster
import ArgumentParser
import Foundation
import Status

/// `grove status`
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows the cluster, its workers and its run.",
    discussion: """
      Ends with 0 if all is well, with 3 if there is a problem (it says which), and with 1 if no coordinator \
      answers.

      Example: grove status --watch
               grove status mine --json
      """)

  @Argument(
    help: "The run's name; by default the only one that is under way in the folder of runs.",
    completion: Completions.runs)
  var run: String?
  @OptionGroup var options: CoordinatorOptions
  @Flag(help: "Print JSON: one object, or with --watch an object a line.") var json = false
  @Flag(help: "Show it again every second, until Ctrl-C.") var watch = false

  func validate() throws { try options.refuseCoordinator(and: run) }

  func run() async throws {
    guard watch else {
      let status = try await options.withCoordinator(of: run) { try await $0.status() }
      try show(status)
      if !status.isHealthy { throw Ending(status: .unwell) }
      return
    }
    // Of several runs none is waited for.
    if run == nil, options.coordinator == nil { _ = try LiveRun.only(in: try options.place.read().run.folder) }
    guard Terminal.isInteractive && !json else {
      return try await look {
        try show($0)
      } otherwise: {
        Terminal.warn($0)
      }
    }
    try await LiveScreen.show { draw in
      try await look { status in
        let title = "\(status.cluster.name) · up \(status.cluster.uptime.asTime) · run \(status.run.name)"
        await draw(RunView(title: title, status: status, colours: Terminal.colours).lines)
      } otherwise: { reason in
        await draw { Array("\(reason) · Waiting for it.".wrapped(to: $0.columns, indent: 0).prefix($0.rows)) }
      }
    }
  }

  /// Looks again and again, for ever.
  private func look(
    _ show: (ClusterStatus) async throws -> Void, otherwise: (_ reason: String) async -> Void
  ) async throws {
    while true {
      do {
        try await show(try await options.withCoordinator(of: run) { try await $0.status() })
      } catch  where error is Failure || error is RemoteCallError {
        await otherwise("\(error)")
      }
      try await Task.sleep(for: .seconds(1))
    }
  }

  private func show(_ status: ClusterStatus) throws {
    if json {
      print(try String(json: status))
    } else {
      print(TextReport.lines(status, colours: Terminal.colours).joined(separator: "\n"))
    }
    fflush(nil)
  }
}
