import ArgumentParser
import Foundation
import Status
import WorkUnits

/// `grove drain`
struct Drain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Has a worker finish what it holds and leave; the run goes on with the others.",
    discussion: """
      It waits until the worker has left. A worker that grove run started is not started again. Where the run \
      waits for people, and needs the worker for that, it says so and ends: the worker leaves by itself when they have decided.

      Example: grove drain worker-2
               grove drain worker-2 --run mine
      """)

  @OptionGroup var options: CoordinatorOptions
  @Argument(help: ArgumentHelp("As grove status names it.", valueName: "worker"), completion: Completions.workers)
  var worker: String
  @Option(
    help: "The run's name; by default the only one that is under way in the folder of runs.",
    completion: Completions.runs)
  var run: String?

  func validate() throws { try options.refuseCoordinator(and: run) }

  /// A run that waits for people all that time will wait for longer,
  private static let patience = Duration.seconds(10)
  /// and a coordinator that does not answer for so long is gone.
  private static let silence = Duration.seconds(10)
  private static let pause = Duration.milliseconds(300)

  func run() async throws {
    let (worker, run) = (worker, run)
    try await options.withAdmin(of: run) { try await $0.drain(worker) }
    var asking: ContinuousClock.Instant?
    while let status = try await status(), status.workers.contains(where: { $0.id == worker }) {
      guard status.run.phase == .asking, let waitsFor = status.run.waitsFor else {
        asking = nil
        try await Task.sleep(for: Self.pause)
        continue
      }
      let since = asking ?? .now
      asking = since
      guard status.workers.count > 1, since.duration(to: .now) < Self.patience else {
        return print("The run waits for people: \(waitsFor). \(worker) leaves by itself when they have decided.")
      }
      try await Task.sleep(for: Self.pause)
    }
    print("\(worker) has left.")
  }

  /// A connection that failed once is not a coordinator that is gone.
  private func status() async throws -> ClusterStatus? {
    let (started, run) = (ContinuousClock.now, run)
    while true {
      do {
        return try await options.withCoordinator(of: run) { try await $0.status() }
      } catch  where started.duration(to: .now) < Self.silence && !(error is CancellationError) {
        try await Task.sleep(for: Self.pause)
      }
    }
  }
}
