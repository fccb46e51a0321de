import ClusterFile
import Distillation
import Foundation
import Models
import Synchronization
import Torch
import WorkUnits

/// The one thread of this process that computes: it owns the models.
actor Compute {
  private let executor: ThreadExecutor
  private let pulse: Pulse
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  private let draft: Blueprint.Draft
  private var replica: Replica?

  /// - Parameter draft: draws what the models of a run are.
  init(_ draft: @escaping Blueprint.Draft) {
    self.draft = draft
    let pulse = Pulse()
    self.pulse = pulse
    executor = ThreadExecutor(
      name: "compute",
      setUp: {
        pulse.begins()
        // Where it fails, so does the first model, with a sentence.
        _ = try? Engine.start()
      })
  }

  /// Whether something is computed, or waits to be.
  nonisolated var isBusy: Bool { pulse.isBusy }

  /// Processor time that the thread has had: as long as it grows, the thread does not hang.
  nonisolated var processorSeconds: Double { pulse.processorSeconds }

  /// Ends the thread.
  nonisolated func stop() { executor.stop() }

  /// Ends the thread once it has done what it was given, and waits until it has.
  nonisolated func end() async { await executor.end() }

  /// Builds a run's models.
  nonisolated func prepare(_ configuration: ClusterFile, begins: Bool, worker: String) async throws {
    try await pulse.busy { try await build(configuration, begins: begins, worker) }
  }

  private func build(_ configuration: ClusterFile, begins: Bool, _ worker: String) throws {
    replica = try Replica(configuration, begins: begins, worker: worker, draft)
  }

  /// Runs on the models; throws ``ModelVersionError`` before they are built.
  ///
  /// While it waits for what others answer, others may run: the models that it answers with are not changed by them.
  nonisolated func run<Result: Sendable>(_ body: @Sendable (Replica) async throws -> Result) async throws -> Result {
    try await pulse.busy { try await perform(body) }
  }

  private func perform<Result: Sendable>(_ body: @Sendable (Replica) async throws -> Result) async throws -> Result {
    guard let replica else { throw ModelVersionError(wanted: 0, have: -1) }
    return try await body(replica)
  }
}

/// What others can tell of a thread: whether it has something to do, and whether it does anything.
private final class Pulse: Sendable {
  /// No lock: optimised, one that is taken before and after an `await` in one function takes the thread for the same.
  private let jobs = Atomic(0)
  private let clock = Mutex<clockid_t?>(nil)

  /// To be called on the thread.
  func begins() {
    var clock = clockid_t()
    guard pthread_getcpuclockid(pthread_self(), &clock) == 0 else { return }
    self.clock.withLock { $0 = clock }
  }

  /// Something for the thread to do, from when it waits until it is done.
  func busy<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    jobs.add(1, ordering: .relaxed)
    defer { jobs.subtract(1, ordering: .relaxed) }
    return try await body()
  }

  var isBusy: Bool { jobs.load(ordering: .relaxed) > 0 }

  var processorSeconds: Double {
    var time = timespec()
    guard let clock = clock.withLock(\.self), clock_gettime(clock, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
