import ActorCluster
import Foundation
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
  let plan: RunPlan
  /// Bytes that a worker may have in RAM; nil: any.
  private let memoryLimit: Int?
  let log: Logger
  /// Is told what happens to workers.
  private let record: @Sendable (_ worker: String, _ what: String) async -> Void
  private var meters = WorkerMeters()
  var table = WorkerTable()
  private var waiting: [CheckedContinuation<Void, Never>] = []
  /// Whose models are in use, and the checkpoint that has them, if one does.
  private var current: (round: Int, fallback: ModelSnapshot?)?
  /// When the present round began, and how long the one before it took.
  private var began = ContinuousClock.now
  private var lasted: Duration?
  private var preparing: [NodeID: (round: Int, task: Task<Void, Never>)] = [:]
  private var awaitingNewcomers: [UUID: (round: Int, newcomers: AsyncStream<Ready>.Continuation)] = [:]
  /// The run's models at each worker, whatever their numbers are: there or being built.
  var building: [NodeID: Task<Void, any Error>] = [:]
  var handout = Handout()
  /// Wait for a source of models.
  var inLine: [CheckedContinuation<Void, Never>] = []
  /// The weights that the replicas agreed on, after the newest rounds: while one goes on, its models are those after the one
  /// before.
  var agreed: [Int: String] = [:]
  /// The models that the last worker had when it left.
  var left: ModelSnapshot?
  /// How often workers of a name were taken out.
  private var expulsions: [String: Int] = [:]
  /// Models of hundreds of megabytes take about so long.
  private static let soon = Duration.seconds(2)
  /// More often than this, one is not taken back.
  private static let mostExpulsions = 3
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
  func note(_ level: Logger.Level, _ node: NodeID, _ what: String) async {
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
        guard expulsions[member.node.name, default: 0] < Self.mostExpulsions else {
          _ = table.drain(member.node.name)
          await note(
            .error, member.node,
            "was taken out \(Self.mostExpulsions) times and is not taken back: look at its machine, "
              + "and revoke its key if it has one")
          await dismiss(member, restarting: false)
          continue
        }
        Task { await welcome(member) }
        await note(.info, member.node, "joined (process \(member.processID) on \(member.host))")
        wake()
      case .suspect(let member): table.became(suspect: member)
      case .down(let member, let reason):
        building[member.node] = nil
        guard table.lost(member.node) else { continue }
        await note(.warning, member.node, "is down: \(reason); its work goes to the others")
      case .left(let member):
        building[member.node] = nil
        guard table.lost(member.node) else { continue }
        await note(.info, member.node, "left")
      case .up: break
      }
    }
  }

  /// Has a newcomer made ready at once, so that it can take units of the round that goes on; if that is about to end, for the
  /// next one, so that it takes the models over once, not twice.
  private func welcome(_ member: Member) async {
    guard let present = current else { return }
    if let lasted, lasted - began.duration(to: .now) < Self.soon {
      try? await build(member, begins: false)
      try? await Task.sleep(for: Self.soon)
    }
    // Who was made ready for the next round meanwhile is in its team.
    guard let current, current.round == present.round, table.entries[member.node]?.round == nil else { return }
    prepare(member, after: current.round, current.fallback)
  }

  func reference(_ member: Member) throws -> WorkerReference {
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
    if let current, current.round != round {
      lasted = round == current.round + 1 ? began.duration(to: .now) : nil
      began = .now
    }
    current = (round, fallback)
    while true {
      try Task.checkCancellation()
      let behind = table.behind(round)
      if !behind.isEmpty {
        guard round == 0 || canBeHad(modelsAfter: round, fallback) else { throw NoReplicaError(round: round) }
        var wasForAnother = false
        for member in behind { prepare(member, after: round, fallback) }
        for member in behind {
          guard let preparation = preparing[member.node] else { continue }
          await preparation.task.value
          if preparation.round != round { wasForAnother = true }
        }
        // Who joined while an earlier round went on has that one's models by now.
        if wasForAnother { continue }
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

  /// Workers that get the models after a round from now on.
  func newcomers(after round: Int) -> AsyncStream<Ready> {
    let (stream, continuation) = AsyncStream.makeStream(of: Ready.self)
    let key = UUID()
    awaitingNewcomers[key] = (round, continuation)
    continuation.onTermination = { [weak self] _ in Task { await self?.forget(newcomersFor: key) } }
    return stream
  }

  private func forget(newcomersFor key: UUID) { awaitingNewcomers[key] = nil }

  /// Begins to make a worker ready for what follows a round, unless it is being made ready already.
  private func prepare(_ member: Member, after round: Int, _ fallback: ModelSnapshot?) {
    guard preparing[member.node] == nil else { return }
    let task = Task {
      let isReady = await makeReady(member, after: round, fallback)
      preparing[member.node] = nil
      guard isReady, let worker = try? reference(member) else { return }
      for awaiting in awaitingNewcomers.values where awaiting.round == round {
        awaiting.newcomers.yield(Ready(member: member, worker: worker))
      }
    }
    preparing[member.node] = (round, task)
  }

  /// The members of a team finished a round, and agree on their weights.
  ///
  /// - Parameter rehearsal: what those that turn out slow are measured by.
  func trained(_ paces: [NodeID: Double?], round: Int, hash: String, rehearsal: DistillationStep?) async {
    agreed[round] = hash
    agreed = agreed.filter { (round - 1...round).contains($0.key) }
    self.rehearsal = rehearsal
    for case (let node, let pace?) in paces { meters.computed(node.name, secondsPerMicrobatch: pace) }
    for node in table.trained(paces, round: round) {
      await note(.warning, node, "is much slower than the others, which train without it until it is faster")
    }
  }

  /// How fast workers compute, to each other.
  func speeds(of nodes: [NodeID]) -> [Double] { table.speeds(of: nodes) }

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
      if round > 0, table.team(after: round).isEmpty, left?.round != round { left = try? await relayed(after: round) }
      await dismiss(entry.member, restarting: entry.restarts)
    }
  }

  /// Takes out a worker that can't be relied on; one that is started in its place can, a few times.
  func expel(_ node: NodeID, because what: String) async {
    guard let member = table.entries[node]?.member, table.entries[node]?.isDraining == false else { return }
    expulsions[node.name, default: 0] += 1
    table.has(node, modelsAfter: nil)
    _ = table.drain(node.name, restarting: true)
    await note(.error, node, "\(what), and is taken out")
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

  /// Has slow workers take part in the next round.
  func callInTheSlow() { table.calledInTheSlow() }

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
