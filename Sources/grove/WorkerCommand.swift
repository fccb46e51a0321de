import ActorCluster
import ArgumentParser
import Coordinator
import Foundation
import ServiceLifecycle
import Worker
import WorkUnits

/// `grove worker`
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Runs a worker, which joins a coordinator and waits for it if it is not there.",
    discussion: """
      Example: grove worker --config cluster.yaml --coordinator tcp://10.0.0.1:5570
      """)

  @OptionGroup var options: ConfigurationOptions
  @Option(help: ArgumentHelp("Where the coordinator listens; by default cluster.bind.", valueName: "tcp://host:port"))
  var coordinator: Address?
  @Option(help: "Of this worker; by default worker and the process id.") var name: String?
  @Option(
    help: ArgumentHelp(
      "Where other workers reach this one; by default any free port of tcp://127.0.0.1.", valueName: "tcp://host:port"))
  var bind: Address?
  @Flag(help: .hidden) var attached = false

  func run() async throws {
    let file = try options.read()
    let name = name ?? "worker-\(ProcessInfo.processInfo.processIdentifier)"
    let log = Logs.named(name)
    Logs.announceEngine(log)
    let worker = WorkerService(
      .init(file, name: name, role: Agreement.worker, bind: bind?.text ?? "tcp://127.0.0.1:*", Build.fingerprint),
      coordinator: coordinator?.text ?? file.cluster.bind, log: log)
    try await ServiceGroup.run([WorkerProcess(worker: worker, isAttached: attached)], log: log)
  }
}
