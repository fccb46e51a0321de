import ArgumentParser
import Coordinator
import Foundation
import WorkUnits

/// `grove drain`
struct Drain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Has a worker finish what it holds and leave; the run goes on with the others.",
    discussion: """
      It waits until the worker has left. A worker that grove run started is not started again.

      Example: grove drain worker-2
      """)

  @OptionGroup var options: CoordinatorOptions
  @Argument(help: ArgumentHelp("As grove status names it.", valueName: "worker")) var worker: String

  func run() async throws {
    let worker = worker
    try await options.withAdmin { try await $0.drain(worker) }
    while try await options.withCoordinator({ try await $0.status() }).workers.contains(where: { $0.id == worker }) {
      try await Task.sleep(for: .milliseconds(100))
    }
    print("\(worker) has left.")
  }
}
