import ActorCluster
import WorkUnits

extension WorkerReference {
  /// Has the worker do a unit of work.
  ///
  /// Not beside ``WorkerNode``: there the optimiser of Swift 6.3.1 makes a version of the distributed method for this very
  /// system, and fails at it.
  nonisolated func perform<Unit: WorkUnit>(_ unit: Unit) async throws -> Unit.Result {
    try await RemoteCall.named(Unit.name) { try await perform(Work(unit)) }.result(of: Unit.self)
  }
}
