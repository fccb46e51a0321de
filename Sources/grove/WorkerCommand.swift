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
      It ends with code 0 when it is wanted no more, and with 75 when it is to be started again, as it is when it had more
      memory than cluster.worker_memory_mb.

      Example: grove worker --config cluster.yaml --coordinator tcp://10.0.0.1:5570
      """)

  /// The exit code that asks for being started again; a temporary failure, as sysexits.h calls it.
  static let startAgain: Int32 = 75

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var logging: LogOptions
  @Option(help: ArgumentHelp("Where the coordinator listens; by default cluster.bind.", valueName: "tcp://host:port"))
  var coordinator: Address?
  @Option(help: "Of this worker; by default worker and the process id.") var name: String?
  @Option(
    help: ArgumentHelp(
      "Where other workers reach this one; by default any free port of tcp://127.0.0.1.", valueName: "tcp://host:port"))
  var bind: Address?
  @Flag(help: .hidden) var attached = false

  func run() async throws {
    logging.apply()
    let file = try options.read()
    let name = name ?? "worker-\(ProcessInfo.processInfo.processIdentifier)"
    let log = Logs.named(name)
    Logs.announceEngine(log)
    let worker = WorkerService(
      try .init(file, name: name, role: Agreement.worker, bind: bind?.text ?? "tcp://127.0.0.1:*", Build.fingerprint),
      coordinator: coordinator?.text ?? file.cluster.bind, log: log)
    // Ctrl-C reaches the parent, too, which lets its children finish what a checkpoint needs.
    if attached { signal(SIGINT, SIG_IGN) }
    let process = WorkerProcess(worker: worker, isAttached: attached)
    try await ServiceGroup.run([process], endingAt: attached ? [.sigterm] : [.sigterm, .sigint])
    if process.outcome.ending == .startAgain { Foundation.exit(Self.startAgain) }
  }
}
