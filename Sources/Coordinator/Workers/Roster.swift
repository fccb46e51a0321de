import ActorCluster
import Foundation
import Logging
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
  let memoryLimit: Int?
  let log: Logger
  /// Is told what happens to workers.
  private let record: @Sendable (_ worker: String, _ what: String) async -> Void
  var meters = WorkerMeters()
  var table = RosterStateMachine()
  /// Of the workers and of what they have.
  let changes = Signal()
  /// Whose models are in use, and the checkpoint that has them, if one does.
  var current: (round: Int, fallback: ModelSnapshot?)?
  /// When the present round began, and how long the one before it took.
  var began = ContinuousClock.now
  var lasted: Duration?
  var preparing: [NodeID: Preparation] = [:]
  var preparations = 0
  /// Those that could not be made ready.
  var setbacks = Setbacks()
  var awaitingNewcomers: [UUID: (round: Int, newcomers: AsyncStream<Ready>.Continuation)] = [:]
  /// The run's models at each worker, whatever their numbers are: there or being built.
  var building: [NodeID: Task<Void, any Error>] = [:]
  var delivery = ModelDeliveryStateMachine()
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
  var toldToEnd: [NodeID: ContinuousClock.Instant] = [:]
  /// What they may take for it.
  static let patience = Duration.seconds(8)
  /// How often workers of a name were taken out.
  var expulsions: [String: Int] = [:]
  /// Models of hundreds of megabytes take about so long.
  private static let soon = Duration.seconds(2)
  /// More often than this, one is not taken back.
  private static let mostExpulsions = 3
  /// What slow workers are measured by.
  var rehearsal: TrainingStep?
  /// Processes that do not end though they were told to, of this machine.
  let stuck: AsyncStream<Int32>
  let foundStuck: AsyncStream<Int32>.Continuation

  /// A worker that is being made ready for what follows a round.
  struct Preparation {
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
        case .up(let member) where member.role == ActorNames.worker:
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
    guard let present = current, !setbacks.isLeftAlone(member.node.name, at: .now) else { return }
    if let lasted, lasted - began.duration(to: .now) < Self.soon {
      try? await build(member, begins: false)
      try? await Task.sleep(for: Self.soon)
    }
    // Who was made ready for the next round meanwhile is in its team.
    guard let current, current.round == present.round, table.entries[member.node]?.round == nil else { return }
    prepare(member, after: current.round, current.fallback)
  }

  nonisolated func reference(_ member: Member) throws -> WorkerReference {
    try WorkerReference.resolve(id: .init(node: member.node, name: ActorNames.worker), using: system)
  }
}

/// No worker has the models that a round needs: they are to be had from a checkpoint only.
struct NoReplicaError: Error, CustomStringConvertible {
  let round: Int
  var description: String { "no worker has the models after round \(round)" }
}
