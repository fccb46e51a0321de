import ActorCluster
import ClusterFile
import Foundation
import Logging
import Processes
import Status
import Synchronization
import WorkUnits

/// A run that is disturbed, beside the same one that is not.
public actor Trial {
  /// A fault and what came of it.
  public struct Incident: Hashable, Sendable {
    public let fault: Fault
    /// Seconds after the start.
    public let at: Double
    public let whom: String
    /// The newest one that was done.
    public let round: Int
    /// Seconds until a round was done that began after it; nil if it ended, or the trial did, before.
    public var recovered: Double?
  }

  /// What a disturbed run came to.
  public struct Outcome: Sendable {
    public let result: RunResult
    public let seconds: Double
    public let incidents: [Incident]
    /// Memory in RAM over time, by process: seconds after the start, bytes.
    public let memory: [String: [(seconds: Double, bytes: Int)]]
    /// Processes that ended though nobody had ended them, or did not end when they should have.
    public let surprises: [String]
  }

  let executable: String
  let folder: String
  let configuration: ClusterFile
  let fingerprint: String
  private let report: @Sendable (String) -> Void
  let hosts: Hosts?
  private let port: Substring
  /// What a flooded process has to get by with.
  private let limits: [String]

  var coordinator: Child?
  var workers: [Int: Child] = [:]
  private var started = ContinuousClock.now
  private var incidents: [Incident] = []
  private var memory: [String: [(seconds: Double, bytes: Int)]] = [:]
  private var surprises: [String] = []
  private var status: ClusterStatus?

  /// - Parameters:
  ///   - executable: path of `grove`.
  ///   - folder: for runs and logs.
  ///   - configuration: of both runs; `cluster.workers` workers each.
  ///   - hosts: whether each worker gets a host of its own; this process has to be in a network namespace of its own then.
  ///   - isFlooded: whether processes may have no more descriptors than is usual.
  ///   - report: is told what happens, a line each.
  public init(
    executable: String, folder: String, configuration: ClusterFile, fingerprint: String, hosts: Bool,
    isFlooded: Bool = false, report: @escaping @Sendable (String) -> Void
  ) async throws {
    self.executable = executable
    self.folder = folder
    self.fingerprint = fingerprint
    self.report = report
    limits = isFlooded ? ["prlimit", "--nofile=\(Self.fewDescriptors):\(Self.fewDescriptors)"] : []
    self.hosts = hosts ? try await Hosts(workers: configuration.cluster.workers) : nil
    port = try await Self.freePort()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let configuration = hosts ? try Self.withKeys(configuration, in: folder) : configuration
    self.configuration = configuration
    try configuration.yaml.write(toFile: "\(folder)/cluster.yaml", atomically: true, encoding: .utf8)
  }

  /// Where others reach a node, it needs keys: the coordinator's are in the configuration, a worker's beside it.
  private static func withKeys(_ configuration: ClusterFile, in folder: String) throws -> ClusterFile {
    var (file, keys) = (configuration, AuthorizedKeys())
    file.security.keyFile = "\(folder)/coordinator.key"
    file.security.authorizedFile = "\(folder)/authorized"
    keys.entries = [try AuthorizedKeys.generate("coordinator", .coordinator, to: file.security.keyFile)]
    for worker in 0..<file.cluster.workers {
      keys.entries.append(
        try AuthorizedKeys.generate("worker-\(worker + 1)", .worker, to: "\(folder)/worker-\(worker + 1).key"))
    }
    try keys.text.write(toFile: file.security.authorizedFile, atomically: true, encoding: .utf8)
    return file
  }

  /// Whether this machine lets this process cause faults of the network.
  public static func canDisturbNetwork() async -> Bool { await Hosts.arePossible() }

  /// Ends whatever is left of the trial.
  public func end() async {
    for process in [coordinator].compactMap(\.self) + workers.values {
      process.signal(SIGKILL)
      _ = try? await process.ends(within: .seconds(5))
    }
    coordinator = nil
    workers = [:]
    await hosts?.remove()
  }

  // MARK: Undisturbed

  /// Trains for a time without disturbance. - Returns: what it came to.
  public func undisturbed(for time: Duration) async throws -> RunResult {
    let command = [
      executable, "run", "--config", "\(folder)/cluster.yaml", "--set", "cluster.bind=tcp://127.0.0.1:*", "--name",
      "calm",
    ]
    let training = try await calm(command)
    // Asked to end also when the trial is.
    defer { training.signal(SIGTERM) }
    try await Task.sleep(for: time)
    training.signal(SIGTERM)
    guard [.done, .stopped].contains(ExitStatus(rawValue: try await training.end().status)) else {
      throw TrialError("the undisturbed run failed: see \(folder)/calm.log")
    }
    let text = (try? String(contentsOfFile: "\(folder)/calm.log", encoding: .utf8)) ?? ""
    // It tells the round after which it stopped; with that as its last one, it is finished.
    guard let match = text.matches(of: /Stopped after round (\d+)/).last, let rounds = Int(match.1), rounds > 0 else {
      throw TrialError("the undisturbed run was not stopped in its middle: see \(folder)/calm.log; try more --minutes")
    }
    let ending = try await calm(command + ["--set", "run.rounds=\(rounds)"])
    guard try await ending.end() == .exit(0) else {
      throw TrialError("the undisturbed run failed: see \(folder)/calm.log")
    }
    return try result(of: "calm")
  }

  /// Starts a process of the run that is not disturbed.
  func calm(_ command: [String]) async throws -> Child {
    let log = Child.Output.file("\(folder)/calm.log")
    return try await Child("calm", command, output: log, errors: log)
  }

  func result(of run: String) throws -> RunResult {
    let path = "\(folder)/runs/\(run)/result.json"
    guard let data = FileManager.default.contents(atPath: path) else { throw TrialError("\(path) is not there") }
    return try JSONDecoder().decode(RunResult.self, from: data)
  }

  // MARK: Disturbed

  /// Trains for so many rounds while faults strike.
  public func disturbed(by schedule: FaultSchedule, rounds: Int) async throws -> Outcome {
    started = .now
    try await startCoordinator(rounds: rounds)
    for worker in 0..<configuration.cluster.workers { try await startWorker(worker) }
    try await watching { system in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await self.watch(system) }
        group.addTask { await self.measureMemory() }
        group.addTask { try await self.strike(schedule, rounds: rounds) }
        try await awaitEnd()
        group.cancelAll()
        while let ended = await group.nextResult() {
          if case .failure(let error) = ended, !(error is CancellationError) { throw error }
        }
      }
    }
    for worker in workers.values {
      // One that stood still, or had just been started, may have missed that it is wanted no more, and waits for another
      // coordinator.
      worker.signal(SIGCONT)
      if worker.name == incidents.last?.whom { worker.signal(SIGTERM) }
      if try await worker.ends(within: .seconds(20)) { surprises.append("\(worker.name) did not end with the run") }
    }
    workers = [:]
    return Outcome(
      result: try result(of: "disturbed"), seconds: seconds, incidents: incidents, memory: memory, surprises: surprises)
  }

  private var seconds: Double { started.duration(to: .now) / .seconds(1) }
  private var endpoint: String { "tcp://\(hosts == nil ? "127.0.0.1" : Hosts.coordinator):\(port)" }

  /// - Parameter errors: where what it has to say goes; nil: into the trial's folder.
  func startCoordinator(rounds: Int, errors: String? = nil) async throws {
    let log = "\(folder)/coordinator.log"
    coordinator = try await Child(
      "coordinator",
      limits + [
        executable, "coordinator", "--config", "\(folder)/cluster.yaml", "--name", "disturbed", "--set",
        "cluster.bind=\(endpoint)", "--set", "run.rounds=\(rounds)",
      ], output: .file(log), errors: .file(errors ?? log))
  }

  func startWorker(_ number: Int, errors: String? = nil) async throws {
    let name = "worker-\(number + 1)"
    let command =
      (hosts?.on(number) ?? []) + limits + [
        executable, "worker", "--config", "\(folder)/cluster.yaml", "--coordinator", endpoint, "--name", name,
      ] + (hosts == nil ? [] : ["--set", "security.key_file=\(folder)/\(name).key"])
    let log = "\(folder)/\(name).log"
    workers[number] = try await Child(name, command, output: .file(log), errors: .file(errors ?? log))
  }

  /// Waits until the run has ended, whichever of its coordinators ends it.
  func awaitEnd() async throws {
    while let present = coordinator {
      let ending = try await present.end()
      if coordinator !== present { continue }
      if ending == .signal(SIGKILL) {
        // Killed by a fault, which starts the next one.
        try await Task.sleep(for: .milliseconds(20))
        continue
      }
      guard ending == .exit(0) else {
        throw TrialError("the coordinator ended with \(ending.status): see \(folder)/coordinator.log")
      }
      coordinator = nil
    }
  }

  // MARK: What goes wrong

  private func strike(_ schedule: FaultSchedule, rounds: Int) async throws {
    // Nothing is disturbed that has not begun.
    while (status?.run.round ?? 0) == 0 { try await Task.sleep(for: .milliseconds(50)) }
    for entry in schedule {
      try await Task.sleep(for: entry.after)
      let whom =
        switch entry.fault {
        case .coordinator: "coordinator"
        case .flood: "all ports"
        default: "worker-\(entry.worker + 1)"
        }
      let incident = Incident(fault: entry.fault, at: seconds, whom: whom, round: status?.run.round ?? 0)
      incidents.append(incident)
      report("\(Int(incident.at)) s  round \(incident.round)  \(incident.fault.rawValue)  \(whom)")
      try await commit(entry, rounds: rounds)
    }
  }

  // MARK: What is seen

  /// Runs `body` with a node that sees the cluster as a person would.
  func watching<Result>(_ body: (ClusterSystem) async throws -> Result) async throws -> Result {
    try await ClusterSystem.with(
      .init(configuration, name: "watcher", role: ActorNames.client, bind: nil, fingerprint),
      log: Logger(label: "watcher") { _ in SwiftLogNoOpLogHandler() }, body)
  }

  /// Asks for the status as a person would, and starts what ended by itself.
  private func watch(_ system: ClusterSystem) async throws {
    while true {
      try await Task.sleep(for: .milliseconds(100))
      if let now = try? await RemoteCall.with(timeout: .seconds(1), { try await look(system) }) { saw(now) }
      for (number, worker) in workers where !worker.isRunning && !isBeingKilled(worker) {
        // One that was dismissed ends with 0, shortly before the coordinator does.
        let ending = try await worker.end()
        guard ending != .exit(0), workers[number] === worker else { continue }
        surprises.append("\(worker.name) ended by itself with \(ending.status)")
        try await startWorker(number)
      }
    }
  }

  private func isBeingKilled(_ worker: Child) -> Bool {
    guard let last = incidents.last, last.whom == worker.name else { return false }
    return [.kill, .hang, .log].contains(last.fault)
  }

  func look(_ system: ClusterSystem) async throws -> ClusterStatus {
    let node = try await system.connect(to: endpoint, timeout: .seconds(1))
    return try await CoordinatorReference.resolve(id: .init(node: node, name: ActorNames.coordinator), using: system)
      .status()
  }

  private func saw(_ now: ClusterStatus) {
    status = now
    for index in incidents.indices where incidents[index].recovered == nil && now.run.round > incidents[index].round + 1
    {
      incidents[index].recovered = seconds - incidents[index].at
    }
  }

  private func measureMemory() async {
    while !Task.isCancelled {
      for process in [coordinator].compactMap(\.self) + workers.values {
        if let bytes = process.residentBytes, bytes > 0 { memory[process.name, default: []].append((seconds, bytes)) }
      }
      try? await Task.sleep(for: .seconds(1))
    }
  }

  /// An address for a coordinator that is to come back to it.
  public static func freePort() async throws -> Substring {
    let node = try ClusterSystem(.init(name: "port", role: ActorNames.client, bind: "tcp://127.0.0.1:*"))
    await node.shutdown()
    return node.endpoint.split(separator: ":").last ?? ""
  }
}
