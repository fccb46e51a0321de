import ClusterFile
import Distillation
import Foundation
import Models
import Synchronization
import Tasks
import Torch
import WorkUnits

/// The one thread of this process that computes: it owns the models.
actor Compute {
  private let executor: ThreadExecutor
  private let clock: ThreadClock
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  private let draft: Blueprint.Draft
  private let catalog: TaskCatalog
  private var replica: Replica?

  /// - Parameters:
  ///   - draft: draws what the models of a run are.
  ///   - catalog: the kinds of task that a run can be of.
  init(_ draft: @escaping Blueprint.Draft, _ catalog: TaskCatalog = .grove) {
    self.draft = draft
    self.catalog = catalog
    let clock = ThreadClock()
    self.clock = clock
    executor = ThreadExecutor(
      name: "compute",
      setUp: {
        clock.begins()
        // Where it fails, so does the first model, with a sentence.
        _ = try? Engine.start()
      })
  }

  /// Whether something is computed, or waits to be; not while others' answers are all that is waited for.
  nonisolated var isBusy: Bool { executor.isBusy }

  /// Processor time that the thread has had: as long as it grows, the thread does not hang.
  nonisolated var processorSeconds: Double { clock.processorSeconds }

  /// Ends the thread.
  nonisolated func stop() { executor.stop() }

  /// Ends the thread once it has done what it was given, and waits until it has.
  nonisolated func end() async { await executor.end() }

  /// Builds a run's models.
  func prepare(_ configuration: ClusterFile, begins: Bool, worker: String) throws {
    replica = try Replica(configuration, begins: begins, worker: worker, draft, catalog)
  }

  /// Runs on the models; throws ``ModelVersionError`` before they are built.
  ///
  /// While it waits for what others answer, others may run: the models that it answers with are not changed by them.
  func run<Result: Sendable>(_ body: @Sendable (Replica) async throws -> Result) async throws -> Result {
    guard let replica else { throw ModelVersionError(wanted: 0, have: -1) }
    return try await body(replica)
  }
}

/// The processor time of a thread, for others to see whether it does anything.
private final class ThreadClock: Sendable {
  private let clock = Mutex<clockid_t?>(nil)

  /// To be called on the thread.
  func begins() {
    var clock = clockid_t()
    guard pthread_getcpuclockid(pthread_self(), &clock) == 0 else { return }
    self.clock.withLock { $0 = clock }
  }

  var processorSeconds: Double {
    var time = timespec()
    guard let clock = clock.withLock(\.self), clock_gettime(clock, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
