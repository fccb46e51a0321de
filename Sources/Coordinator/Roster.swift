import ActorCluster
import Logging
import Status
import WorkUnits

/// The workers there are: follows the cluster's members, gives them the models they need, and lets them go.
actor Roster {
  /// A worker whose models are ready for the next round.
  struct Ready: Sendable {
    let member: Member
    let worker: WorkerReference

    var asTeamMember: TeamMember { TeamMember(node: member.node, endpoint: member.endpoint) }
  }

  private let system: ClusterSystem
  private let plan: RunPlan
  /// Bytes that a worker may have in RAM; nil: any.
  private let memoryLimit: Int?
  private let log: Logger
  /// Is told what happens to workers.
  private let record: @Sendable (_ worker: String, _ what: String) async -> Void
  private var meters = WorkerMeters()
  private var table = WorkerTable()
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var preparing: [NodeID: Task<Void, Never>] = [:]
  /// The models that the last worker had when it left.
  private var left: ModelSnapshot?
  /// What slow workers are measured by.
  private var rehearsal: DistillationStep?

  init(
    system: ClusterSystem, plan: RunPlan, memoryLimit: Int?, log: Logger,
    record: @escaping @Sendable (_ worker: String, _ what: String) async -> Void
  ) {
    self.system = system
    self.plan = plan
    self.memoryLimit = memoryLimit
    self.log = log
    self.record = record
  }

  /// Writes it to the log and to the run's history.
  private func note(_ level: Logger.Level, _ node: NodeID, _ what: String) async {
    log.log(level: level, "\(node.name) \(what)", metadata: ["worker": "\(node.name)"])
    await record(node.name, what)
  }

  // MARK: Who is there

  /// Follows the cluster's members until cancelled.
  func follow() async {
    for await event in system.events() {
      switch event {
      case .up(let member) where member.role == Agreement.worker:
        guard table.joined(member) else { continue }
        await note(.info, member.node, "joined (process \(member.processID) on \(member.host))")
        wake()
      case .suspect(let member): table.became(suspect: member)
      case .down(let member, let reason):
        guard table.lost(member.node) else { continue }
        await note(.warning, member.node, "is down: \(reason); its work goes to the others")
      case .left(let member):
        guard table.lost(member.node) else { continue }
        await note(.info, member.node, "left")
      case .up: break
      }
    }
  }

  private func reference(_ member: Member) throws -> WorkerReference {
    try WorkerReference.resolve(id: .init(node: member.node, name: Agreement.worker), using: system)
  }

  private func someoneJoins() async {
    // A worker that could not be made ready is tried again when the next one joins, or after a while.
    let timer = Task {
      guard (try? await Task.sleep(for: .seconds(2))) != nil else { return }
      wake()
    }
    await withCheckedContinuation { waiting.append($0) }
    timer.cancel()
  }

  private func wake() {
    for continuation in waiting { continuation.resume() }
    waiting = []
  }

  // MARK: Who works

  /// The workers, each with the models after a round; those that have others get them first.
  ///
  /// Waits while there is none. - Parameters:
  ///   - fallback: the models after that round, if no worker has them.
  ///   - whileWaiting: is called when there is no worker.
  /// - Throws: ``NoReplicaError`` if nobody has those models.
  func team(after round: Int, fallback: ModelSnapshot?, whileWaiting: @Sendable () async throws -> Void) async throws
    -> [Ready]
  {
    while true {
      try Task.checkCancellation()
      let behind = table.behind(round)
      if !behind.isEmpty {
        let models = round > 0 ? try await models(after: round, fallback) : nil
        for member in behind where preparing[member.node] == nil {
          preparing[member.node] = Task { await makeReady(member, after: round, models) }
        }
        // Two that ask at a time prepare a worker once.
        for member in behind { await preparing[member.node]?.value }
      }
      let ready = try table.team(after: round).map { Ready(member: $0, worker: try reference($0)) }
      if !ready.isEmpty { return ready }
      await dismissDrained(after: round)
      try await whileWaiting()
      await someoneJoins()
    }
  }

  /// Workers that have the models after a round, perhaps with newer ones; nobody is made ready for it.
  func holders(of round: Int) -> [Ready] {
    table.holders(of: round).compactMap { member in
      (try? reference(member)).map { Ready(member: member, worker: $0) }
    }
  }

  private func makeReady(_ member: Member, after round: Int, _ models: ModelSnapshot?) async {
    defer { preparing[member.node] = nil }
    do {
      let worker = try reference(member)
      try await worker.prepare(plan)
      if let models { try await worker.load(models) }
      table.has(member.node, modelsAfter: round)
    } catch {
      log.warning("\(member.node.name) could not be made ready: \(error)")
      table.has(member.node, modelsAfter: nil)
    }
  }

  private func models(after round: Int, _ fallback: ModelSnapshot?) async throws -> ModelSnapshot {
    for known in [fallback, left] {
      if let known, known.round == round { return known }
    }
    for member in table.holders(of: round) {
      if let models = try? await reference(member).snapshot(after: round) { return models }
    }
    throw NoReplicaError(round: round)
  }

  /// The members of a team finished a round. - Parameter rehearsal: what those that turn out slow are measured by.
  func trained(_ paces: [NodeID: Double?], round: Int, rehearsal: DistillationStep?) async {
    self.rehearsal = rehearsal
    for case (let node, let pace?) in paces { meters.computed(node.name, secondsPerMicrobatch: pace) }
    for node in table.trained(paces, round: round) {
      await note(.warning, node, "is much slower than the others, which train without it until it is faster")
    }
  }

  /// A worker failed at something else than its connection: it gets its models anew before it is used again.
  func distrust(_ node: NodeID) { table.has(node, modelsAfter: nil) }

  // MARK: Who leaves

  /// Has a worker leave when the present round is done. - Throws: ``UnknownWorkerError``.
  func drain(_ name: String) async throws {
    guard table.drain(name), let node = table.entries.keys.first(where: { $0.name == name }) else {
      throw UnknownWorkerError(name: name, workers: table.entries.keys.map(\.name).sorted())
    }
    await note(.notice, node, "leaves when the present round is done")
    wake()
  }

  /// Lets go who is to leave. Between two rounds nobody holds anything but the models.
  func dismissDrained(after round: Int) async {
    for entry in table.draining {
      if round > 0, table.team(after: round).isEmpty, left?.round != round {
        left = try? await models(after: round, nil)
      }
      await dismiss(entry.member, restarting: entry.restarts)
    }
  }

  /// Takes out a worker that can't be relied on; one that is started in its place can.
  func expel(_ node: NodeID) async {
    guard let member = table.entries[node]?.member else { return }
    await note(.error, node, "has other weights than the others, and is taken out")
    table.has(node, modelsAfter: nil)
    _ = table.drain(node.name, restarting: true)
    await dismiss(member, restarting: true)
  }

  func dismissAll() async {
    for entry in table.entries.values { await dismiss(entry.member, restarting: false) }
  }

  private func dismiss(_ member: Member, restarting: Bool) async {
    try? await RemoteCall.with(timeout: .seconds(2)) {
      try await reference(member).leave(toBeStartedAgain: restarting)
    }
  }

  // MARK: How they are

  /// Asks every worker how it is, so that a stuck one is seen although its connection lives.
  func refresh(within timeout: Duration) async {
    await withTaskGroup(of: (NodeID, WorkerStatus?).self) { group in
      for entry in table.entries.values {
        guard let worker = try? reference(entry.member) else { continue }
        group.addTask {
          (entry.member.node, try? await RemoteCall.with(timeout: timeout) { try await worker.status() })
        }
      }
      for await (node, status) in group {
        guard let status else { continue }
        table.heard(status, from: node)
        if let memoryLimit, status.residentBytes > memoryLimit, table.entries[node]?.isDraining == false {
          await note(
            .warning, node,
            "has \(status.residentBytes >> 20) MiB in RAM, its limit is \(memoryLimit >> 20): it starts again")
          _ = table.drain(node.name, restarting: true)
        }
      }
    }
    meters.saw(statuses())
  }

  /// Lets slow workers show whether they still are.
  func rehearse() async {
    guard let rehearsal else { return }
    for member in table.slow {
      guard
        let pace = try? await RemoteCall.with(
          timeout: .seconds(60), { try await reference(member).rehearse(rehearsal) })
      else { continue }
      if table.rehearsed(member.node, pace: pace) { await note(.notice, member.node, "is fast enough again") }
    }
  }

  /// All workers as people see them, by name.
  func statuses() -> [WorkerStatus] {
    let heard = Dictionary(system.members.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
    return table.entries.values.sorted { $0.member.node.name < $1.member.node.name }.map { entry in
      var status = entry.status
      let member = heard[entry.member.node] ?? entry.member
      status.state =
        entry.isDraining
        ? "draining" : entry.round == nil && !entry.isSlow ? Member.Status.joining.rawValue : member.status.rawValue
      status.isSlow = entry.isSlow
      status.modelVersion = entry.round ?? 0
      status.lastSeenMilliseconds = Int(member.heard.duration(to: .now) / .milliseconds(1))
      return status
    }
  }
}

/// No worker has the models that a round needs: they are to be had from a checkpoint only.
struct NoReplicaError: Error, CustomStringConvertible {
  let round: Int
  var description: String { "no worker has the models after round \(round)" }
}
