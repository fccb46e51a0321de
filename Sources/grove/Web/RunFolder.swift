import ClusterFile
import Coordinator
import CoreMetrics
import Dashboard
import Foundation
import Oversight
import Processes
import RunStore
import Status
import Telemetry

/// The runs of a folder, and the coordinator of one of them if it runs in this process, as pages show them.
package struct RunFolder: DashboardSource {
  let folder: String
  let coordinator: Coordinator?
  private let summaries: RunSummaries

  package init(folder: String, coordinator: Coordinator? = nil) {
    self.folder = folder
    self.coordinator = coordinator
    summaries = RunSummaries(folder: folder)
  }

  /// Events of a run that are shown.
  private static let mostEvents = 500

  /// What this process counts. From the first use on, swift-metrics counts here.
  package static let registry: PrometheusRegistry = {
    let registry = PrometheusRegistry(GroveMetrics.all)
    MetricsSystem.bootstrap(registry)
    return registry
  }()

  package var desk: Desk? { coordinator?.desk }

  package func status() async -> ClusterStatus? { await coordinator?.status() }

  package func metrics() async -> String? { coordinator == nil ? nil : Self.registry.text }

  package func runs() async -> [RunSummary] { await summaries.all() }

  package func run(_ name: String) async -> RunRecord? {
    guard let coordinator, await coordinator.board.status.name == name else { return await record(name) }
    // What the coordinator knows anyway is not read again and again.
    return await record(name, history: await coordinator.board.history)
  }

  /// - Parameter history: if it is known; else it is read.
  func record(_ name: String, history known: [MetricsLine]? = nil) async -> RunRecord? {
    guard let store = await store(name) else { return nil }
    var (history, problems): ([MetricsLine], [String]) = (known ?? [], [])
    if known == nil { (history, problems) = (try? await store.measured()) ?? ([], ["metrics.jsonl can't be read"]) }
    let events = (try? await store.journal.events(atMost: Self.mostEvents)) ?? []
    let configuration = await configuration(store)
    var result: RunResult?
    do { result = try await self.result(store, configuration) } catch { problems.append("\(error)") }
    return RunRecord(
      name: name, task: task(configuration), configuration: configuration, history: history,
      result: result,
      events: events.map {
        ClusterEvent(time: Date(timeIntervalSince1970: $0.time), round: $0.round, who: $0.who, what: $0.what)
      }, roundsWithTrees: (try? await store.journal.roundsWithTrees()) ?? [],
      problems: problems)
  }

  package func file(_ file: RunFile, of run: String) async throws -> Data? {
    switch file {
    case .table: nil
    case .metrics, .result, .configuration: try await RunStore.read(run, in: folder).contents(of: file.rawValue)
    case .transcripts: try await exported(.transcripts, of: run)
    case .dataset: try await exported(.dataset, of: run)
    case .weights: try await exported(.weights, of: run)
    }
  }

  /// Made by a process of its own: it may take long, and much memory, that a run in this one needs.
  private func exported(_ what: Export.What, of run: String) async throws -> Data {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("grove-export-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: place, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: place) }
    let file = place.appendingPathComponent(what.rawValue)
    let export = try await Child.output(
      of: [Executable.url.path, "export", run, "--folder=\(folder)", "--what", what.rawValue, "--out", file.path])
    guard export.ending == .exit(0) else {
      let sentence = export.errors.split(separator: "\n").last ?? "it ended (\(export.ending))"
      throw Failure(String(sentence.hasPrefix("grove: ") ? sentence.dropFirst("grove: ".count) : sentence))
    }
    return try Data(contentsOf: file, options: .mappedIfSafe)
  }

  package func documents() async -> [Document] { await Documents.all() }

  package func trees(of run: String, round: Int) async -> [KeptTree] {
    let lines = (try? await store(run)?.journal.trees(of: round)) ?? []
    return lines.compactMap { try? JSONDecoder().decode(KeptTree.self, from: Data($0.utf8)) }
  }

  /// Names from addresses go no further than this folder.
  private func store(_ name: String) async -> RunStore? {
    ClusterFile.isName(name) ? try? await RunStore.read(name, in: folder) : nil
  }

  /// What it came to; nil if it was given more to do since.
  private func result(_ store: RunStore, _ configuration: String) async throws -> RunResult? {
    var file = ClusterFile()
    guard let result = try await store.result() else { return nil }
    return (try? file.take(yaml: configuration, named: "config.yaml")) == nil || result.isEnd(of: file) ? result : nil
  }

  private func configuration(_ store: RunStore) async -> String {
    (try? await store.contents(of: "config.yaml")).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  private func task(_ configuration: String) -> String {
    var file = ClusterFile()
    return (try? file.take(yaml: configuration, named: "config.yaml")) == nil ? "?" : file.task.name
  }
}
