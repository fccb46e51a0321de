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

  let system: ClusterSystem
  let plan: RunPlan
  /// Bytes that a worker may have in RAM; nil: any.
  private let memoryLimit: Int?
  let log: Logger
  /// Is told what happens to workers.
  private let record: @Sendable (_ worker: String, _ what: String) async -> Void
  private var meters = WorkerMeters()
  var table = WorkerTable()
  /// Of the workers and of what they have.
  let changes = Signal()
  /// Whose models are in use, and the checkpoint that has them, if one does.
  private var current: (round: Int, fallback: ModelSnapshot?)?
  /// When the present round began, and how long the one before it took.
  private var began = ContinuousClock.now
  private var lasted: Duration?
  private var preparing: [NodeID: Preparation] = [:]
  private var preparations = 0
  private var awaitingNewcomers: [UUID: (round: Int, newcomers: AsyncStream<Ready>.Continuation)] = [:]
  /// The run's models at each worker, whatever their numbers are: there or being built.
  var building: [NodeID: Task<Void, any Error>] = [:]
  var handout = Handout()
  /// The weights that the replicas agreed on, after the newest rounds: while one goes on, its models are those after the one
  /// before.
  var agreed: [Int: String] = [:]
  /// The models that the last worker had when it left.
  var left: ModelSnapshot?
  /// A worker that can't do what the run asks, and was let go.
  var unfit: WorkerFailure?
  /// Whether some worker could do it.
  var hasBeenReady = false
  /// Since when those that hang have been told to end.
  private var toldToEnd: [NodeID: ContinuousClock.Instant] = [:]
  /// What they may take for it.
  private static let patience = Duration.seconds(8)
  /// How often workers of a name were taken out.
  private var expulsions: [String: Int] = [:]
  /// Models of hundreds of megabytes take about so long.
  private static let soon = Duration.seconds(2)
  /// More often than this, one is not taken back.
  private static let mostExpulsions = 3
  /// What slow workers are measured by.
  private var rehearsal: DistillationStep?
  /// Processes that do not end though they were told to, of this machine.
  let stuck: AsyncStream<Int32>
  private let foundStuck: AsyncStream<Int32>.Continuation

  /// A worker that is being made ready for what follows a round.
  private struct Preparation {
    let round: Int
    let number: Int
    let task: Task<Void, Never>
  }

  init(
    system: ClusterSystem, plan: RunPlan, memoryLimit: Int?, log: Logger,
    record: @escaping @Sendable (_ worker: String, _ what: String) async -> Void
  ) {
    self.system = system
    self.plan = plan
    self.memoryLimit = memoryLimit
    self.log = log
    self.record = record
    (stuck, foundStuck) = AsyncStream.makeStream(of: Int32.self)
  }

  /// Writes it to the log and to the run's history.
  func note(_ level: Logger.Level, _ node: NodeID, _ what: String) async {
    log.log(level: level, "\(node.name) \(what)", metadata: ["worker": "\(node.name)"])
    await record(node.name, what)
  }

  // MARK: Who is there

  /// Follows the cluster's members until cancelled; then nothing is under way any more.
  func follow() async {
    await withDiscardingTaskGroup { group in
      for await event in system.events() {
        switch event {
        case .up(let member) where member.role == Agreement.worker:
          if table.joined(member) { group.addTask { await self.welcome(member) } }
        case .suspect(let member): table.became(suspect: member)
        case .down(let member, let reason):
          await lost(member, .warning, "is down: \(reason); its work goes to the others")
        case .left(let member): await lost(member, .info, "left")
        case .up: break
        }
      }
      group.cancelAll()
      for preparation in preparing.values { preparation.task.cancel() }
      for build in building.values { build.cancel() }
    }
    for preparation in preparing.values { await preparation.task.value }
    for build in building.values { _ = await build.result }
  }

  private func lost(_ member: Member, _ level: Logger.Level, _ what: String) async {
    building[member.node] = nil
    toldToEnd[member.node] = nil
    guard table.lost(member.node) else { return }
    changes.notify()
    await note(level, member.node, what)
  }

  private func welcome(_ member: Member) async {
    await note(.info, member.node, "joined (process \(member.processID) on \(member.host))")
    guard expulsions[member.node.name, default: 0] < Self.mostExpulsions else {
      _ = table.drain(member.node.name)
      await note(
        .error, member.node,
        "was taken out \(Self.mostExpulsions) times and is not taken back: look at its machine, "
          + "and revoke its key if it has one")
      return await dismiss(member, restarting: false)
    }
    await check(member)
    changes.notify()
    await makeReadyAtOnce(member)
  }

  /// Has a newcomer made ready at once, so that it can take units of the round that goes on; if that is about to end, for the
  /// next one, so that it takes the models over once, not twice.
  private func makeReadyAtOnce(_ member: Member) async {
    guard let present = current else { return }
    if let lasted, lasted - began.duration(to: .now) < Self.soon {
      try? await build(member, begins: false)
      try? await Task.sleep(for: Self.soon)
    }
    // Who was made ready for the next round meanwhile is in its team.
    guard let current, current.round == present.round, table.entries[member.node]?.round == nil else { return }
    prepare(member, after: current.round, current.fallback)
  }

  nonisolated func reference(_ member: Member) throws -> WorkerReference {
    try WorkerReference.resolve(id: .init(node: member.node, name: Agreement.worker), using: system)
  }

  // MARK: Who works

  /// The workers, each with the models after a round; those that have others get them first.
  ///
  /// Waits while there is none. - Parameters:
  ///   - fallback: the models after that round, if no worker has them.
  ///   - whileWaiting: is called when there is no worker.
  /// - Throws: ``NoReplicaError`` if nobody has those models; ``WorkerFailure`` if the only worker was let go as unfit.
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
        for member in behind { prepare(member, after: round, fallback) }
        let begun = behind.compactMap { preparing[$0.node] }
        while preparing.values.contains(where: { present in begun.contains { $0.number == present.number } }) {
          await changes.change()
          try Task.checkCancellation()
        }
        // Who joined while an earlier round went on has that one's models by now.
        if begun.contains(where: { $0.round != round }) { continue }
      }
      let ready = try table.team(after: round).map { Ready(member: $0, worker: try reference($0)) }
      if !ready.isEmpty { return ready }
      await dismissDrained(after: round)
      if let unfit, !hasBeenReady, table.entries.values.allSatisfy(\.isDraining) { throw unfit }
      try await whileWaiting()
      // A worker that could not be made ready is tried again when another joins, or after a while.
      await changes.change(within: .seconds(2))
    }
  }

  /// Workers that have the models after a round, perhaps with newer ones, and time; nobody is made ready for it.
  func holders(of round: Int) -> [Ready] {
    table.quickHolders(of: round).compactMap { member in
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
    let number = preparations
    preparations += 1
    let task = Task {
      let isReady = await makeReady(member, after: round, fallback)
      preparing[member.node] = nil
      changes.notify()
      guard isReady, let worker = try? reference(member) else { return }
      for awaiting in awaitingNewcomers.values where awaiting.round == round {
        awaiting.newcomers.yield(Ready(member: member, worker: worker))
      }
    }
    preparing[member.node] = Preparation(round: round, number: number, task: task)
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
    changes.notify()
  }

  /// Lets go who is to leave. Between two rounds nobody holds anything but the models.
  func dismissDrained(after round: Int) async {
    for entry in table.draining {
      if round > 0, table.team(after: round).isEmpty, left?.round != round { left = try? await relayed(after: round) }
      await dismiss(entry.member, restarting: entry.restarts)
    }
  }

  /// Lets go who is to leave and has nothing to do, in a round that waits for people: others have its models.
  func dismissIdle(after round: Int) async {
    guard table.holders(of: round).contains(where: { table.entries[$0.node]?.isDraining == false }) else { return }
    for entry in table.draining where entry.status.work == WorkerStatus.idle {
      await dismiss(entry.member, restarting: entry.restarts)
    }
  }

  /// Takes out a worker that can't be relied on; one that is started in its place can, a few times.
  ///
  /// - Parameter counts: whether one that is started in its place may be no better.
  func expel(_ node: NodeID, because what: String, counts: Bool = true) async {
    guard let member = table.entries[node]?.member, table.entries[node]?.isDraining == false else { return }
    if counts { expulsions[node.name, default: 0] += 1 }
    table.has(node, modelsAfter: nil)
    _ = table.drain(node.name, restarting: true)
    await note(.error, node, "\(what), and is taken out")
    await dismiss(member, restarting: true)
    changes.notify()
  }

  func dismissAll() async {
    await withDiscardingTaskGroup { group in
      for entry in table.entries.values { group.addTask { await self.dismiss(entry.member, restarting: false) } }
    }
  }

  func dismiss(_ member: Member, restarting: Bool) async {
    try? await RemoteCall.with(timeout: .seconds(2)) {
      try await reference(member).leave(toBeStartedAgain: restarting)
    }
  }

  // MARK: How they are

  /// Asks every worker how it is, so that a stuck one is seen although its connection lives.
  func refresh(within timeout: Duration) async {
    let asked = ContinuousClock.now
    await withTaskGroup(of: (NodeID, WorkerStatus?).self) { group in
      for entry in table.entries.values {
        guard let worker = try? reference(entry.member) else { continue }
        group.addTask {
          (entry.member.node, try? await RemoteCall.with(timeout: timeout) { try await worker.status() })
        }
      }
      for await (node, status) in group {
        guard let status else {
          table.missed(node, isAlive: system.member(node).map { $0.heard > asked - system.heartbeat * 2 } ?? false)
          continue
        }
        table.heard(status, from: node, at: .now)
        if let memoryLimit, status.residentBytes > memoryLimit, table.entries[node]?.isDraining == false {
          await note(
            .warning, node,
            "has \(status.residentBytes >> 20) MiB in RAM, its limit is \(memoryLimit >> 20): it starts again")
          _ = table.drain(node.name, restarting: true)
        }
      }
    }
    meters.saw(statuses())
    for entry in table.entries.values {
      if let objection = entry.pulse.objection { await end(entry.member, because: objection) }
    }
  }

  /// Does without a worker that hangs. It is told to end; one that does not is a member no longer after a while, and its
  /// process has to be ended from outside.
  private func end(_ member: Member, because objection: String) async {
    guard let told = toldToEnd[member.node] else {
      toldToEnd[member.node] = .now
      // Processes hang for many reasons: another of its name is welcome.
      return await expel(member.node, because: objection, counts: false)
    }
    guard told.duration(to: .now) > Self.patience, system.member(member.node) != nil else { return }
    system.banish(member.node, because: "it \(objection)")
    if member.host == ProcessInfo.processInfo.hostName { foundStuck.yield(member.processID) }
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
    let cutOff = table.cutOff
    let heard = Dictionary(system.members.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
    return table.entries.values.sorted { $0.member.node.name < $1.member.node.name }.map { entry in
      var status = entry.status
      let member = heard[entry.member.node] ?? entry.member
      status.state =
        if entry.isDraining {
          "draining"
        } else if cutOff[member.node] != nil {
          "cut off"
        } else if entry.round == nil && !entry.isSlow {
          Member.Status.joining.rawValue
        } else {
          member.status.rawValue
        }
      status.warnings = [cutOff[member.node].map { warning(of: member, $0) }, entry.advice].compactMap(\.self)
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
