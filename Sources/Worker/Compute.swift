import ClusterFile
import Distillation
import Models
import Torch
import WorkUnits

/// The one thread of this process that computes: it owns the models.
actor Compute {
  private let executor: ThreadExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  private var replica: Replica?

  init() {
    executor = ThreadExecutor(name: "compute", setUp: { Engine.start() })
  }

  /// Ends the thread.
  nonisolated func stop() { executor.stop() }

  /// Ends the thread once it has done what it was given, and waits until it has.
  nonisolated func end() async { await executor.end() }

  /// Builds a run's models.
  func prepare(_ configuration: ClusterFile, begins: Bool) throws {
    replica = try Replica(configuration, begins: begins)
  }

  /// Runs on the models; throws ``ModelVersionError`` before they are built.
  func run<Result: Sendable>(_ body: @Sendable (Replica) throws -> Result) throws -> Result {
    guard let replica else { throw ModelVersionError(wanted: 0, have: -1) }
    return try body(replica)
  }
}
