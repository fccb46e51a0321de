import ActorCluster
import Addresses
import ArgumentParser
import ClusterFile
import Commands
import Foundation
import Synchronization
import Worker
import WorkUnits

/// The other processes of `grove bench scale`.
struct BenchSimulated: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulated", abstract: "The workers of grove bench scale.", shouldDisplay: false)

  @OptionGroup var options: ConfigurationOptions
  @Option var coordinator: Address
  @Option var shardMs: Int
  @Option var first: Int
  @Option var last: Int

  private final class Toll: Sendable {
    let sum = Mutex((busy: 0.0, shards: 0))
  }

  func run() async throws {
    let file = try options.read()
    let toll = Toll()
    var systems: [ClusterSystem] = []
    for number in first...last {
      let system = try ClusterSystem(
        .init(
          file, name: "worker-\(number)", role: ActorNames.worker, bind: "tcp://127.0.0.1:*", Build.fingerprint),
        log: Logs.quiet)
      let worker = SimulatedWorker(actorSystem: system, shard: .milliseconds(shardMs)) { time in
        toll.sum.withLock { $0 = ($0.busy + time / .seconds(1), $0.shards + 1) }
      }
      system.export(worker, as: ActorNames.worker, answering: [(any WorkerNode).self])
      _ = try await system.connect(to: coordinator.description, timeout: .seconds(30))
      systems.append(system)
    }
    print("\(systems.count) workers")
    fflush(nil)
    while FileHandle.standardInput.availableData.count > 0 {
      let sum = toll.sum.withLock { $0 }
      print(sum.busy, sum.shards)
      fflush(nil)
    }
    for system in systems { await system.shutdown() }
  }
}
