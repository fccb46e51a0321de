import ActorCluster
import Amplification
import ClusterFile
import Distillation
import Distributed
import Foundation
import Logging
import RunStore
import Status
import Testing
import WorkUnits

@testable import Coordinator
@testable import Worker

/// Replicas that must be equal and are not: a coordinator, honest workers and one that is wrong, on real sockets.
struct DivergenceTests {
  private let folder = NSTemporaryDirectory() + "grove-divergence-\(UUID().uuidString)"
  private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func configuration() -> ClusterFile {
    var file = ClusterFile()
    file.cluster.bind = "tcp://127.0.0.1:*"
    file.task.size = 5
    file.run.rounds = 8
    file.run.stopAt = 2
    file.run.folder = folder
    file.overseer.kind = .scripted
    file.amplification.contexts = 6
    file.amplification.questions = 4
    // So many that none is thought slow for its first one.
    file.distillation.steps = 6
    file.model.width = 16
    file.model.factLayers = 1
    file.model.questionLayers = 1
    file.cluster.verify = 1
    return file
  }

  /// - Parameters:
  ///   - late: honest ones that join when some rounds are done.
  ///   - callTimeout: of calls between workers that have no deadline of their own.
  private func run(
    _ name: String, honest: Int, wrong: WrongWorker.Fault?, late: Int = 0, rounds: Int = 8,
    callTimeout: Duration = .seconds(60)
  ) async throws -> RunResult? {
    var file = configuration()
    file.run.rounds = rounds
    let coordinator = try await Coordinator(file, name: name, fingerprint: "test", log: log)
    let faults = [WrongWorker.Fault?](repeating: nil, count: honest) + (wrong.map { [$0] } ?? [])
    var systems = try await start(faults, file, for: coordinator, callTimeout: callTimeout)
    let running = Task { try await coordinator.run() }
    if late > 0 {
      while await coordinator.board.status.round < 2 { await Task.yield() }
      systems += try await start(
        [WrongWorker.Fault?](repeating: nil, count: late), file, for: coordinator, named: "late")
    }
    let result = await running.result
    for system in systems { await system.shutdown() }
    return try result.get()
  }

  /// Those that the coordinator did without: how many train says nothing, as a busy machine makes workers slow.
  private func takenOut(of name: String) async throws -> Set<String> {
    let events = try await RunStore.read(name, in: folder).journal.events(atMost: 1000)
    return Set(events.filter { $0.what.hasSuffix("is taken out") }.map(\.who))
  }

  private func start(
    _ faults: [WrongWorker.Fault?], _ file: ClusterFile, for coordinator: Coordinator, named name: String = "worker",
    callTimeout: Duration = .seconds(60)
  ) async throws -> [ClusterSystem] {
    var systems: [ClusterSystem] = []
    for (number, fault) in faults.enumerated() {
      var node = try ClusterSystem.Configuration(
        file, name: "\(name)-\(number)", role: ActorNames.worker, bind: "tcp://127.0.0.1:*", "test")
      node.callTimeout = callTimeout
      let system = try ClusterSystem(node, log: log)
      let worker = Worker(actorSystem: system, leaving: AsyncStream.makeStream().continuation, log: log)
      if let fault {
        system.export(
          WrongWorker(actorSystem: system, worker, fault), as: ActorNames.worker, answering: [(any WorkerNode).self])
      } else {
        system.export(worker, as: ActorNames.worker, answering: [(any WorkerNode).self])
      }
      _ = try await system.connect(to: coordinator.endpoint)
      systems.append(system)
    }
    return systems
  }

  @Test(arguments: [
    (honest: 2, WrongWorker.Fault.inTraining), (honest: 1, .inMemory), (honest: 2, .inAnswers), (honest: 1, .inShape),
    (honest: 1, .inReports),
  ])
  func theWrongOneIsFoundAndTheRunEndsInTheSameBits(_ honest: Int, _ fault: WrongWorker.Fault) async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let calm = try #require(try await run("calm", honest: 1, wrong: nil))
    let result = try #require(try await run("disturbed", honest: honest, wrong: fault))
    #expect(result.weightsSHA256 == calm.weightsSHA256 && result.amplifiedQuestions == calm.amplifiedQuestions)
    #expect(try await takenOut(of: "disturbed") == ["worker-\(honest)"])
  }

  /// The only one that has the models hands on others: it is taken out, and the run begins anew with who is honest.
  @Test func whoHandsOnWrongModelsIsFound() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let calm = try #require(try await run("calm", honest: 1, wrong: nil, rounds: 120))
    let result = try #require(try await run("disturbed", honest: 0, wrong: .inHandingOn, late: 1, rounds: 120))
    #expect(result.weightsSHA256 == calm.weightsSHA256 && result.workers == 1)
  }

  /// One whose step takes longer than any call may take is waited for: the others would train the same round for ever.
  @Test func whoIsSlowerThanCallsMayTakeIsWaitedFor() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let calm = try #require(try await run("calm", honest: 1, wrong: nil, rounds: 5))
    let result = try #require(
      try await run("slow", honest: 1, wrong: .inPace, rounds: 5, callTimeout: .milliseconds(200)))
    #expect(result.weightsSHA256 == calm.weightsSHA256)
    #expect(try await takenOut(of: "slow").isEmpty)
  }

  @Test(arguments: [(WrongWorker.Fault.inTraining, "has"), (.inAnswers, "differently")])
  func ofTwoNobodyCanTellWhichIsWrong(_ fault: WrongWorker.Fault, _ word: String) async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // So many rounds that it comes to train again where, on a busy machine, it was thought slow at first.
    let error = await #expect(throws: ReplicaError.self) {
      _ = try await run("undecided", honest: 1, wrong: fault, rounds: 1000)
    }
    let sentence = try #require(error).description
    #expect(sentence.contains("worker-0") && sentence.contains("worker-1") && sentence.contains(word), "\(sentence)")
  }

  @Test func trainingThatDivergesEndsTheRunWithASentence() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let error = await #expect(throws: TrainingError.self) {
      _ = try await run("diverged", honest: 0, wrong: .inLosses)
    }
    #expect(error?.description.contains("in round 4 is no number. Begin anew with a smaller distillation.") == true)
  }
}

/// A worker that is wrong from the fourth round on.
distributed actor WrongWorker: WorkerNode {
  typealias ActorSystem = ClusterSystem

  enum Fault: Sendable {
    /// Each round goes wrong in itself: what was before it is still right.
    case inTraining
    /// What it had was changed after it was agreed on.
    case inMemory
    /// It answers one question otherwise than its models do.
    case inAnswers
    /// What it sends is no result of what it was asked.
    case inShape
    /// It says what it can't know of its training.
    case inReports
    /// Its losses are no numbers, as when training diverges.
    case inLosses
    /// Whoever takes over its models gets others.
    case inHandingOn
    /// It begins to train long after the others.
    case inPace
  }

  private static let first = 4
  private let worker: Worker
  private let fault: Fault
  private var round = 0

  init(actorSystem: ClusterSystem, _ worker: Worker, _ fault: Fault) {
    self.actorSystem = actorSystem
    self.worker = worker
    self.fault = fault
  }

  distributed func reach(_ others: TeamList, milliseconds: Int) async throws -> [LinkFault] {
    try await worker.reach(others, milliseconds: milliseconds)
  }
  distributed func advise(_ sentence: String) async throws { try await worker.advise(sentence) }
  distributed func prepare(_ run: RunPlan) async throws { try await worker.prepare(run) }
  distributed func copy(after round: Int, from peer: TeamMember) async throws -> String {
    try await worker.copy(after: round, from: peer)
  }
  distributed func load(_ models: ModelSnapshot) async throws { try await worker.load(models) }
  distributed func snapshot(after round: Int) async throws -> ModelSnapshot {
    var snapshot = try await worker.snapshot(after: round)
    guard fault == .inHandingOn else { return snapshot }
    snapshot.models = snapshot.models.map { model in
      var model = model
      guard case .vectors(var vectors) = model.weights else { return model }
      vectors.values = Bulk([Float](repeating: 0.5, count: vectors.values.byteCount / 4))
      model.weights = .vectors(vectors)
      return model
    }
    return snapshot
  }
  distributed func perform(_ work: Work) async throws -> Finding {
    let finding = try await worker.perform(work)
    guard let unit = work.unit as? Grow, unit.round >= Self.first else { return finding }
    var grown = try finding.result(of: Grow.self)
    if fault == .inAnswers {
      let first = grown.examples.answers[0].tokens
      var answers = Contents([.tokens(first == [1] ? [2] : [1])])
      answers.append(grown.examples.answers[1..<grown.examples.answers.count])
      grown.examples.answers = answers
    }
    if fault == .inShape { grown.examples.questionCounts[0] = 1 << 30 }
    return Finding(grown, of: Grow.self)
  }
  distributed func contribute(_ part: GradientPart) async throws -> Bulk { try await worker.contribute(part) }
  distributed func status() async throws -> WorkerStatus { try await worker.status() }
  distributed func rehearse(_ step: TrainingStep) async throws -> Double { try await worker.rehearse(step) }
  distributed func leave(toBeStartedAgain: Bool) async throws { await actorSystem.shutdown() }

  distributed func weightsHash(after round: Int) async throws -> String {
    let hash = try await worker.weightsHash(after: round)
    return fault == .inMemory && self.round >= Self.first ? String(hash.reversed()) : hash
  }

  distributed func train(_ assignment: TrainingAssignment) async throws -> TrainingReport {
    if fault == .inPace, assignment.round >= Self.first { try await Task.sleep(for: .seconds(1)) }
    var report = try await worker.train(assignment)
    round = assignment.round
    guard round >= Self.first else { return report }
    if [.inTraining, .inMemory].contains(fault) { report.weightsHash = String(report.weightsHash.reversed()) }
    if fault == .inLosses { report.losses = report.losses.mapValues { $0.mapValues { $0.map { _ in .nan } } } }
    if fault == .inReports { report.losses[.answerer, default: [:]][1 << 40] = [.infinity] }
    return report
  }
}
