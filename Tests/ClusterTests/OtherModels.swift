import ActorCluster
import ClusterFile
import Foundation
import Logging
import Status
import Tasks
import WorkUnits

@testable import Coordinator
@testable import Worker

/// Runs of a coordinator and workers in this process, on real sockets, whose models are not, or not all, Grove's own networks.
final class OtherModels: Sendable {
  let folder = NSTemporaryDirectory() + "grove-models-\(UUID().uuidString)"
  /// Where a test may write what a model begins with.
  var base: String { "\(folder)/base" }
  private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// A small run, of which nothing is verified twice.
  var configuration: ClusterFile {
    var file = ClusterFile()
    file.cluster.bind = "tcp://127.0.0.1:*"
    file.cluster.verify = 0
    file.task.size = 5
    file.run.rounds = 4
    file.run.stopAt = 2
    file.run.folder = folder
    file.overseer.kind = .scripted
    file.overseer.width = 16
    file.overseer.layers = 1
    file.amplification.contexts = 6
    file.amplification.questions = 2
    return file
  }

  /// - Parameters:
  ///   - catalog: the kinds of task that it can be of.
  ///   - draft: draws the models.
  ///   - trainer: has them learn, if not Grove's own.
  ///   - stoppingAfter: the round after which it is stopped; nil: it is not.
  ///   - losingOneAfter: the round after which one of the workers is gone.
  func run(
    _ name: String, _ file: ClusterFile, workers: Int = 1, catalog: TaskCatalog = .grove,
    draft: @escaping Blueprint.Draft = Blueprint.init,
    trainer: (any Trainer)? = nil, stoppingAfter stop: Int? = nil, losingOneAfter last: Int? = nil
  ) async throws -> RunResult? {
    var coordinator = try await Coordinator(file, name: name, catalog: catalog, fingerprint: "test", log: log)
    if let trainer { coordinator.trainer = trainer }
    var systems: [ClusterSystem] = []
    for number in 0..<workers {
      let system = try ClusterSystem(
        .init(file, name: "worker-\(number)", role: ActorNames.worker, bind: "tcp://127.0.0.1:*", "test"), log: log)
      let worker = Worker(
        actorSystem: system, leaving: AsyncStream.makeStream().continuation, log: log, draft,
        catalog: catalog)
      system.export(worker, as: ActorNames.worker, answering: [(any WorkerNode).self])
      _ = try await system.connect(to: coordinator.endpoint)
      systems.append(system)
    }
    let running = Task { [coordinator] in try await coordinator.run() }
    if let stop {
      while await coordinator.board.status.round < stop { await Task.yield() }
      await coordinator.board.stop()
    }
    if let last {
      while await coordinator.board.status.round < last { await Task.yield() }
      await systems.removeLast().shutdown()
    }
    let result = await running.result
    for system in systems { await system.shutdown() }
    return try result.get()
  }
}
