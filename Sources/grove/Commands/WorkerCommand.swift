import ActorCluster
import Addresses
import ArgumentParser
import ClusterFile
import Descriptors
import Foundation
import ServiceLifecycle
import Status
import Worker
import WorkUnits

/// `grove worker`
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Runs a worker, which joins a coordinator and waits for it if it is not there.",
    discussion: """
      It ends with code 0 when it is wanted no more, with 1 when it is refused, as without a key or when another \
      worker of its name has come, and with 75 when it is to be started again, as it is when it hung, or had more \
      memory than cluster.worker_memory_mb. It ends with 78 when it can't do what the run asks, as when it has no \
      device of that kind, or is to compute on one of another kind.

      Workers talk to each other, too. One that joins a coordinator on another machine listens at the address by \
      which it reaches that machine; where others reach it by another one, as through a container's network, it has \
      to say so. One connection between any two is enough, whichever of them makes it; without any, the others go on \
      without one of the two.

      Example: grove worker --config cluster.yaml --coordinator tcp://10.0.0.1:5570
               grove worker --coordinator tcp://10.0.0.1:5570 \\
                 --bind "tcp://*:5571" --advertise tcp://10.0.0.7:31571
      """)

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var logging: LogOptions
  @Option(help: ArgumentHelp("Where the coordinator listens; by default cluster.bind.", valueName: "tcp://host:port"))
  var coordinator: Address?
  @Option(help: "Of this worker; by default worker, the host, and some digits.") var name: String?
  @Option(
    help: ArgumentHelp(
      "Where it listens for other workers; by default any free port of the address by which it reaches the coordinator.",
      valueName: "tcp://host:port"))
  var bind: Address?
  @Option(
    help: ArgumentHelp(
      "Where other workers reach it, if that is not where it listens; * as the port is that of --bind.",
      valueName: "tcp://host:port"))
  var advertise: Address?
  @Flag(help: .hidden) var attached = false

  func validate() throws {
    for (option, address) in [("bind", bind), ("advertise", advertise)] where address?.key != nil {
      throw ValidationError("--\(option) takes an address without a key: its own stands in security.key_file")
    }
  }

  func run() async throws {
    logging.apply()
    let file = try options.read()
    let name = name ?? UniqueName.of("worker")
    let log = Logs.named(name)
    try DescriptorLimit.checkWorker(file)
    try Logs.announceEngine(log)
    let coordinator = try file.coordinator(coordinator)
    let bind = if let bind { bind } else { try await LocalAddress.found(towards: coordinator, log: log) }
    let told = advertise ?? bind
    guard !told.isEverywhere else {
      throw ValidationError("\(told) is everywhere, which tells others no address: add --advertise with one")
    }
    let worker = WorkerService(
      try .init(
        file, name: name, role: ActorNames.worker, bind: bind.description, advertised: advertise?.description,
        Build.fingerprint),
      coordinator: coordinator.description, log: log)
    if attached { Signals.leaveToParent() }
    let process = WorkerProcess(worker: worker, isAttached: attached)
    try await ServiceGroup.run([process], endingAt: attached ? [.sigterm] : Signals.ending)
    let status = ExitStatus(process.outcome.ending)
    if status != .done { throw Ending(status: status) }
  }
}

extension ExitStatus {
  init(_ ending: WorkerService.Ending) {
    switch ending {
    case .end: self = .done
    case .startAgain: self = .startAgain
    case .unfit: self = .unfit
    }
  }
}
