import ActorCluster
import Logging
import Status
import WorkUnits

/// The workers there are, and of which round their models are.
actor Roster {
  /// A worker whose models are ready for the next round.
  struct Ready: Sendable {
    let member: Member
    let worker: WorkerReference

    var asTeamMember: TeamMember { TeamMember(node: member.node, endpoint: member.endpoint) }
  }

  private struct Entry {
    var member: Member
    let worker: WorkerReference
    /// The models that it has are those after this round; nil: it has none.
    var round: Int?
    var status: WorkerStatus
  }

  private let system: ClusterSystem
  private let plan: RunPlan
  private let log: Logger
  private var entries: [NodeID: Entry] = [:]
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(system: ClusterSystem, plan: RunPlan, log: Logger) {
    self.system = system
    self.plan = plan
    self.log = log
  }

  /// Follows the cluster's members until cancelled.
  func follow() async {
    for await event in system.events() {
      switch event {
      case .up(let member) where member.role == Agreement.worker: joined(member)
      case .suspect(let member): entries[member.node]?.member = member
      case .down(let member, let reason):
        guard entries.removeValue(forKey: member.node) != nil else { continue }
        log.warning("\(member.node.name) is down: \(reason); its work goes to the others")
      case .left(let member):
        guard entries.removeValue(forKey: member.node) != nil else { continue }
        log.info("\(member.node.name) left")
      case .up: break
      }
    }
  }

  private func joined(_ member: Member) {
    if entries[member.node] != nil {
      entries[member.node]?.member = member
      return
    }
    guard let worker = try? WorkerReference.resolve(id: .init(node: member.node, name: Agreement.worker), using: system)
    else { return }
    let status = WorkerStatus(
      id: member.node.name, host: member.host, pid: Int(member.processID), state: Member.Status.joining.rawValue)
    entries[member.node] = Entry(member: member, worker: worker, round: nil, status: status)
    log.info("\(member.node.name) joined (process \(member.processID) on \(member.host))")
    for continuation in waiting { continuation.resume() }
    waiting = []
  }

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
      var source: ModelSnapshot? = fallback?.round == round ? fallback : nil
      for node in entries.keys.sorted(by: { $0.name < $1.name }) where entries[node]?.round != round {
        guard let worker = entries[node]?.worker else { continue }
        do {
          if round > 0, source == nil { source = try await snapshot(after: round) }
          try await worker.prepare(plan)
          if let source, round > 0 { try await worker.load(source) }
          entries[node]?.round = round
        } catch let error as NoReplicaError {
          throw error
        } catch {
          log.warning("\(node.name) could not be made ready: \(error)")
          entries[node]?.round = nil
        }
      }
      let ready = entries.values.filter { $0.round == round }.sorted { $0.member.node.name < $1.member.node.name }
        .map { Ready(member: $0.member, worker: $0.worker) }
      if !ready.isEmpty { return ready }
      try await whileWaiting()
      await someoneJoins()
    }
  }

  private func snapshot(after round: Int) async throws -> ModelSnapshot {
    for entry in entries.values where entry.round == round || entry.round == round + 1 {
      if let snapshot = try? await entry.worker.snapshot(after: round) { return snapshot }
    }
    throw NoReplicaError(round: round)
  }

  private func someoneJoins() async {
    // A worker that could not be made ready is tried again when the next one joins, or after a while.
    let timer = Task {
      try? await Task.sleep(for: .seconds(2))
      wake()
    }
    await withCheckedContinuation { waiting.append($0) }
    timer.cancel()
  }

  private func wake() {
    for continuation in waiting { continuation.resume() }
    waiting = []
  }

  /// The members of a team finished a round.
  func trained(_ team: [Ready], round: Int) {
    for ready in team { entries[ready.member.node]?.round = round }
  }

  /// A worker failed at something else than its connection: it gets its models anew before it is used again.
  func distrust(_ node: NodeID) { entries[node]?.round = nil }

  var workers: [WorkerReference] { entries.values.map(\.worker) }

  /// Asks every worker how it is, so that a stuck one is seen although its connection lives.
  func refresh(within timeout: Duration) async {
    await withTaskGroup(of: (NodeID, WorkerStatus?).self) { group in
      for (node, entry) in entries {
        let worker = entry.worker
        group.addTask {
          (node, try? await RemoteCall.with(timeout: timeout) { try await worker.status() })
        }
      }
      for await (node, status) in group {
        if let status { entries[node]?.status = status }
      }
    }
  }

  /// All workers as people see them, by name.
  func statuses() -> [WorkerStatus] {
    let heard = Dictionary(system.members.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
    return entries.values.sorted { $0.member.node.name < $1.member.node.name }.map { entry in
      var status = entry.status
      let member = heard[entry.member.node] ?? entry.member
      status.state = entry.round == nil ? Member.Status.joining.rawValue : member.status.rawValue
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
