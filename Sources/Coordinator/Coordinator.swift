import ActorCluster
import Amplification
import ClusterFile
import Distillation
import Distributed
import Foundation
import Logging
import Oversight
import Processes
import RunStore
import Status
import Tasks
import WorkUnits

/// The process that runs the rounds of a run.
public struct Coordinator: Sendable {
  private let configuration: ClusterFile
  private let store: RunStore
  private let system: ClusterSystem
  private let roster: Roster
  private let log: Logger
  private let task: any TaskDefinition
  private let taught: Examples
  private let meters: Meters
  private let started = ContinuousClock.now
  private let build: String
  /// How the models learn.
  var trainer: any Trainer
  /// What the run is doing.
  public let board: RunBoard
  /// Where people decide.
  public let desk: Desk

  /// Processes of this machine that hang, were told to end, and can't hear it: of workers.
  public var stuck: AsyncStream<Int32> { roster.stuck }

  /// Where workers and commands reach it.
  public var endpoint: String { system.endpoint }

  /// Opens the run and starts to listen.
  ///
  /// - Parameters:
  ///   - catalog: the kinds of task that the run can be of.
  ///   - people: who may decide, if that is settled.
  ///   - fingerprint: of this build of the program.
  ///   - acceptingBuild: whether a run that another build made is gone on with.
  ///   - bind: where to listen; by default where the configuration says.
  /// - Throws: a sentence: the run is open elsewhere, has another configuration or build, its folder can't be written, or
  ///   the address is in use.
  public init(
    _ configuration: ClusterFile, name: String, catalog: TaskCatalog = .grove, people: People = People(),
    fingerprint: String, acceptingBuild: Bool = false, bind: String? = nil, log: Logger
  ) async throws {
    self.configuration = configuration
    build = fingerprint
    trainer = GradientTrainer(configuration: configuration)
    var log = log
    log[metadataKey: "run"] = "\(name)"
    self.log = log
    task = try configuration.makeTask(from: catalog)
    taught = try Teaching.examples(configuration, task)
    store = try await RunStore.open(name, in: configuration.run.folder)
    do {
      try await ConfigurationChange.check(configuration, goesOnWith: store)
      do {
        try await BuildChange.check(fingerprint, goesOnWith: store)
      } catch let change as BuildChange where acceptingBuild {
        log.warning("the build \(change.before) made the run until now, and \(change.now) goes on with it")
      }
      var node = try ClusterSystem.Configuration(
        configuration, name: "coordinator", role: ActorNames.coordinator, bind: bind ?? configuration.cluster.bind,
        fingerprint)
      node.isMetered = true
      system = try ClusterSystem(node, log: log)
      try await RunResult.settle(in: store)
      try await store.writeAtomically(Data(configuration.yaml.utf8), to: "config.yaml")
    } catch {
      await store.takeBack()
      throw error
    }
    let limit = configuration.cluster.workerMemoryMegabytes
    let run = RunStatus(name: name, task: configuration.task.name, rounds: configuration.run.rounds)
    let (store, meters) = (store, Meters(run: run, version: Self.version))
    let board = RunBoard(run, meters)
    (self.meters, self.board) = (meters, board)
    roster = Roster(
      system: system, plan: RunPlan(configuration: configuration.yaml), memoryLimit: limit > 0 ? limit << 20 : nil,
      log: log.component("roster")
    ) { worker, what in
      // A history with a gap is better than a run that ends for it.
      try? await store.journal.record(
        .init(time: Date().timeIntervalSince1970, round: await board.status.round, who: worker, what: what))
    }
    let settings = Desk.Settings(
      run: name, lease: .seconds(configuration.oversight.leaseSeconds), twice: configuration.oversight.twice,
      showsFacts: configuration.oversight.view == .facts, people: Set(people.overseers.map(\.name)),
      grace: .seconds(configuration.oversight.undoSeconds))
    let roster = roster
    desk = Desk(settings, task, journal: store.journal, report: { [log] in log.warning("\($0)") }) {
      question, context in
      try await Self.answer(question, about: context, board, roster)
    }
  }

  /// Takes back a start that failed: nothing is left of a run that this began, and that has come to nothing.
  public func takeBack() async {
    guard await board.status.round == 0 else { return }
    await system.shutdown()
    guard let judgments = try? await store.journal.judgments(), judgments.isEmpty else { return }
    await store.takeBack()
  }

  /// Has the teacher as of the newest round answer a person's sub-question.
  private static func answer(
    _ question: Question, about context: Context, _ board: RunBoard, _ roster: Roster
  ) async throws -> Reply {
    var tries = 0
    while true {
      let round = await board.status.round
      do {
        guard let ready = await roster.holders(of: round).randomElement() else {
          throw RemoteCallError(.unreachable, "no worker is there")
        }
        let reply = try await RemoteCall.with(timeout: .seconds(30)) {
          try await ready.worker.perform(Respond(round: round, context: context, question: question))
        }
        return reply
      } catch  where error.isLoss {
        // The round was done meanwhile, or a worker was lost: another will answer.
        guard tries < 5 else { throw Desk.Unanswered(description: "\(error)") }
        tries += 1
        try await Task.sleep(for: .milliseconds(200))
      }
    }
  }

  /// Runs until the run is finished or asked to stop.
  ///
  /// - Parameter dismissingWorkers: whether the workers are asked to end, too.
  public func run(dismissingWorkers: Bool = true) async throws -> RunResult? {
    let server = CoordinatorServer(actorSystem: system, coordinator: self)
    system.export(
      server, as: ActorNames.coordinator, answering: [(any CoordinatorNode).self], to: [AccessRole.viewer.rawValue])
    system.export(
      server, as: ActorNames.admin, answering: [(any CoordinatorAdmin).self], to: [AccessRole.admin.rawValue])
    let epoch = try await store.journal.beginEpoch()
    try await store.journal.record(build: build, epoch: epoch)
    let attempts = Attempts(epoch: epoch)
    try await store.journal.record(
      .init(
        time: Date().timeIntervalSince1970, round: try await store.journal.checkpoints().first?.round ?? 0,
        who: "coordinator",
        what: "started (process \(ProcessInfo.processInfo.processIdentifier) on \(ProcessInfo.processInfo.hostName), "
          + "build \(build))"))
    let collector = Collector(configuration: configuration, task: task, journal: store.journal, desk: desk)
    let gate = ReviewGate(configuration: configuration, journal: store.journal, desk: desk)
    let loop = RoundLoop(
      configuration: configuration, task: task, taught: taught, store: store, roster: roster,
      dispatch: Dispatch(
        roster: roster, verified: configuration.cluster.verify, log: log.component("dispatch")),
      training: TeamTraining(
        trainer: trainer, microbatches: configuration.distillation.microbatches, roster: roster, attempts: attempts,
        vote: ReplicaVote(log: log.component("jury")), log: log.component("distiller")),
      desk: desk, collector: collector, gate: gate, board: board, log: log.component("rounds"))
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await roster.follow() }
      group.addTask {
        while !Task.isCancelled {
          await roster.refresh(within: .seconds(2))
          meters.saw(await status())
          try? await Task.sleep(for: .seconds(1))
        }
      }
      group.addTask {
        while !Task.isCancelled {
          await roster.rehearse()
          try? await Task.sleep(for: .seconds(5))
        }
      }
      group.addTask {
        while !Task.isCancelled {
          await roster.recheckLinks()
          try? await Task.sleep(for: .seconds(1))
        }
      }
      let result: Result<RunResult?, any Error>
      do {
        result = .success(try await loop.run())
      } catch {
        result = .failure(error)
      }
      if dismissingWorkers { await roster.dismissAll() }
      group.cancelAll()
      await system.shutdown()
      return try result.get()
    }
  }

  /// The cluster and the run now.
  public func status() async -> ClusterStatus {
    var cluster = ClusterStatus.Cluster(
      name: configuration.cluster.name, version: Coordinator.version, uptime: started.duration(to: .now) / .seconds(1))
    cluster.dashboard = await board.dashboard
    cluster.diskFreeBytes = await store.freeBytes
    cluster.residentBytes = ResidentMemory.bytes
    var run = await board.status
    run.humanQueue = await desk.waiting.count
    if configuration.run.folder != ClusterFile().run.folder {
      run.options = "--folder \(configuration.run.folder.shellQuoted)"
    }
    if run.phase == .asking, let what = run.waitsFor {
      run.people = WaitedFor(
        what: what, with: await desk.holders(of: desk.needed), desk: cluster.dashboard.map { "\($0)desk" },
        command: ["grove review \(store.name)", run.options].compactMap(\.self).joined(separator: " "))
    }
    return ClusterStatus(cluster: cluster, workers: await roster.statuses(), run: run)
  }

  /// Has a worker finish what it holds and leave. - Throws: ``UnknownWorkerError``.
  func drain(_ worker: String) async throws { try await roster.drain(worker) }

  /// Of Grove.
  public static let version = "0.1.0"
}

/// The coordinator as commands see it.
distributed actor CoordinatorServer: CoordinatorNode, CoordinatorAdmin {
  typealias ActorSystem = ClusterSystem
  private let coordinator: Coordinator

  init(actorSystem: ClusterSystem, coordinator: Coordinator) {
    self.actorSystem = actorSystem
    self.coordinator = coordinator
  }

  distributed func status() async -> ClusterStatus { await coordinator.status() }
  distributed func stop() async { await coordinator.board.stop() }
  distributed func drain(_ worker: String) async throws { try await coordinator.drain(worker) }
}
