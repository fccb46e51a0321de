import ActorCluster
import ArgumentParser
import Foundation
import Status
import WorkUnits

/// `grove ps`
struct PsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps",
    abstract: "Lists the runs that are under way on this machine.",
    discussion: """
      Those of the folder that runs are in. status, stop, drain and review take their names.

      Example: grove ps
               grove ps --folder studies/depth/runs --json
      """)

  @OptionGroup var options: PlaceOptions
  @Flag(help: "Print a JSON array, a run each.") var json = false

  func run() async throws {
    let folder = try options.read().run.folder
    var rows: [Row] = []
    for live in LiveRun.all(in: folder) { rows.append(Row(live, await status(of: live))) }
    if json { return print(try String(json: rows)) }
    guard !rows.isEmpty else { return print("No run is under way in \(folder).") }
    var table = Table(["run", "state", "round", "workers", "coordinator", "dashboard", "since"], rightAligned: [2, 3])
    for row in rows {
      table.add([
        row.name, row.state ?? "does not answer", row.round.map(\.grouped) ?? "–", row.workers.map(String.init) ?? "–",
        row.coordinator, row.dashboard ?? "–", row.since,
      ])
    }
    print(table.lines(colours: Terminal.colours).joined(separator: "\n"))
  }

  /// What its coordinator says; nil if it does not answer.
  private func status(of live: LiveRun) async -> ClusterStatus? {
    try? await options.connected(to: live.endpoint) { node, system in
      try await CoordinatorReference.resolve(id: .init(node: node, name: ActorNames.coordinator), using: system)
        .status()
    }
  }

  private struct Row: Encodable {
    var name, coordinator, since: String
    var dashboard, state: String?
    var round, workers: Int?
    var pid: Int32

    init(_ live: LiveRun, _ status: ClusterStatus?) {
      (name, coordinator, dashboard, pid) = (live.name, live.endpoint, live.dashboard, live.process.pid)
      since = Date(timeIntervalSince1970: live.since).formatted(.iso8601)
      (state, round, workers) = (status?.run.phase.rawValue, status?.run.round, status?.workers.count)
    }
  }
}
