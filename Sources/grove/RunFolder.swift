import ClusterFile
import Coordinator
import CoreMetrics
import Dashboard
import Foundation
import Oversight
import RunStore
import Status
import Telemetry

/// The runs of a folder, and the coordinator of one of them if it runs in this process, as pages show them.
struct RunFolder: DashboardSource {
  let folder: String
  var coordinator: Coordinator?

  /// Events of a run that are shown.
  private static let mostEvents = 500
  /// Runs in the list.
  private static let mostRuns = 200

  /// What this process counts. From the first use on, swift-metrics counts here.
  static let registry: PrometheusRegistry = {
    let registry = PrometheusRegistry(GroveMetrics.all)
    MetricsSystem.bootstrap(registry)
    return registry
  }()

  var desk: Desk? { coordinator?.desk }

  func status() async -> ClusterStatus? { await coordinator?.status() }

  func metrics() async -> String? { coordinator == nil ? nil : Self.registry.text }

  func runs() async -> [RunSummary] {
    let root = URL(fileURLWithPath: folder)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let dated = names.filter(ClusterFile.isName).compactMap { name -> (name: String, date: Date)? in
      let path = root.appendingPathComponent(name).appendingPathComponent("journal.sqlite").path
      let date = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
      return date.map { (name, $0) }
    }
    return dated.sorted { ($0.date, $0.name) > ($1.date, $1.name) }.prefix(Self.mostRuns).compactMap { name, _ in
      guard let store = store(name) else { return nil }
      return RunSummary(
        name: name, task: task(store), isFinished: store.result != nil, newest: store.history.last)
    }
  }

  func run(_ name: String) async -> RunRecord? {
    guard let coordinator, await coordinator.board.status.name == name else { return record(name) }
    // What the coordinator knows anyway is not read again and again.
    return record(name, history: await coordinator.board.history)
  }

  /// - Parameter history: if it is known; else it is read.
  func record(_ name: String, history: [MetricsLine]? = nil) -> RunRecord? {
    guard let store = store(name) else { return nil }
    let events = (try? store.journal.events(atMost: Self.mostEvents)) ?? []
    return RunRecord(
      name: name, task: task(store), configuration: configuration(store), history: history ?? store.history,
      result: store.result,
      events: events.map {
        ClusterEvent(time: Date(timeIntervalSince1970: $0.time), round: $0.round, who: $0.who, what: $0.what)
      }, roundsWithTrees: (try? store.journal.roundsWithTrees()) ?? [])
  }

  func trees(of run: String, round: Int) async -> [KeptTree] { keptTrees(of: run, round: round) }

  func keptTrees(of run: String, round: Int) -> [KeptTree] {
    let lines = (try? store(run)?.journal.trees(of: round)) ?? []
    return lines.compactMap { try? JSONDecoder().decode(KeptTree.self, from: Data($0.utf8)) }
  }

  /// Names from addresses go no further than this folder.
  private func store(_ name: String) -> RunStore? {
    ClusterFile.isName(name) ? try? RunStore.read(name, in: folder) : nil
  }

  private func configuration(_ store: RunStore) -> String {
    store.contents(of: "config.yaml").map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  private func task(_ store: RunStore) -> String {
    var file = ClusterFile()
    return (try? file.take(yaml: configuration(store), named: "config.yaml")) == nil ? "?" : file.task.name
  }
}
