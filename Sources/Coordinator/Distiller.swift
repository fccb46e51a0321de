import ActorCluster
import Amplification
import ClusterFile
import Distillation
import Logging
import Randomness
import WorkUnits

/// Has the workers train H′ and X for a round, all of them together, until it succeeds.
struct Distiller: Sendable {
  let configuration: ClusterFile
  let roster: Roster
  let attempts: Attempts
  let jury: Jury
  let log: Logger

  /// When one member finds a link broken, others will have found theirs by this time.
  private static let othersFind = Duration.milliseconds(200)

  /// How a round of training went.
  struct Outcome: Sendable {
    var distillationLoss: Double?
    var imitationLoss: Double?

    /// The model whose loss is no number; nil: none.
    var diverged: GradientKey.Model? {
      if let distillationLoss, !distillationLoss.isFinite { return .answerer }
      if let imitationLoss, !imitationLoss.isFinite { return .overseer }
      return nil
    }
  }

  /// The steps of a round with all of their microbatches; a pure function of the state and the seed.
  struct Steps: Sendable {
    var imitation: [ImitationStep] = []
    var distillation: [DistillationStep] = []
    var isEmpty: Bool { imitation.isEmpty && distillation.isEmpty }
  }

  func steps(of round: Int, _ state: TrainingState) -> Steps {
    let leaves = configuration.distillation.microbatches
    var steps = Steps()
    if configuration.overseer.kind != .scripted {
      let count = Int((Double(configuration.overseer.steps) * state.imitation.effort).rounded())
      steps.imitation = (0..<count).map { step in
        var random = CounterGenerator(seed: configuration.run.seed, purpose: .transcripts, round: round, index: step)
        let batch = (0..<configuration.overseer.batch).map { _ in
          state.transcripts[Int.random(in: state.transcripts.indices, using: &random)]
        }
        let parts = shares(of: batch.count, among: leaves).enumerated().filter { !$0.element.isEmpty }
        return ImitationStep(
          microbatches: Dictionary(uniqueKeysWithValues: parts.map { ($0.offset, Array(batch[$0.element])) }),
          transcripts: batch.count)
      }
    }
    if !state.replay.isEmpty {
      steps.distillation = (0..<configuration.distillation.steps).map { step in
        var random = CounterGenerator(seed: configuration.run.seed, purpose: .replay, round: round, index: step)
        let batch = state.replay.sample(using: &random)
        let parts = shares(of: batch.contexts, among: leaves).enumerated().filter { !$0.element.isEmpty }
        return DistillationStep(
          microbatches: Dictionary(uniqueKeysWithValues: parts.map { ($0.offset, batch.contexts($0.element)) }),
          questions: batch.questionCounts.reduce(0) { $0 + Int($1) })
      }
    }
    return steps
  }

  /// Trains the round, first with the team at hand; if a member is lost, again from the round's start with those that are
  /// left.
  ///
  /// - Throws: ``NoReplicaError`` if nobody has the models after the round before any more; ``DivergedError`` if replicas
  ///   that must be equal are not, after those that are wrong were taken out: nothing of the round can be relied on;
  ///   ``TrainingError`` if there is nothing more to be learned.
  func train(_ round: Int, _ steps: Steps, with hands: Hands) async throws -> Outcome {
    var team = hands.team
    while true {
      do {
        let reports = try await attempt(round, steps, with: team, hands.examiner.trained)
        try await jury.check(reports, of: team, round: round, roster: roster)
        let paces = zip(team, reports).map { ($0.member.node, $1.secondsPerMicrobatch) }
        await roster.trained(
          Dictionary(paces, uniquingKeysWith: { first, _ in first }), round: round,
          hash: reports.first?.weightsHash ?? "",
          rehearsal: steps.distillation.first.map {
            DistillationStep(microbatches: $0.microbatches.filter { $0.key == 0 }, questions: $0.questions)
          })
        let outcome = outcome(of: reports, steps)
        if let model = outcome.diverged { throw TrainingError(model: model, round: round) }
        return outcome
      } catch  where error.isLoss {
        if let error = error as? UnreachableError { await roster.found(error.faults) }
        log.warning("round \(round) is trained anew: \(error)", metadata: ["round": "\(round)"])
        team = try await roster.team(
          after: round - 1, fallback: hands.fallback, whileWaiting: { try await hands.board.waiting() })
      }
    }
  }

  private func attempt(
    _ round: Int, _ steps: Steps, with team: [Roster.Ready],
    _ examination: Examination<TrainingAssignment, TrainingReport>
  ) async throws -> [TrainingReport] {
    let attempt = await attempts.next()
    // Microbatches go to members in runs, so that a member can add up neighbours before it sends them.
    // Who is faster gets more; the sums are the same whoever computes what.
    let runs = shares(
      of: configuration.distillation.microbatches, weights: await roster.speeds(of: team.map(\.member.node)))
    let members = TeamList(team.map(\.asTeamMember))
    return try await withThrowingTaskGroup(of: Part.self) { group in
      for (rank, ready) in team.enumerated() {
        let assignment = TrainingAssignment(
          round: round, attempt: attempt, team: members, rank: rank,
          imitation: steps.imitation.map { step in
            ImitationStep(
              microbatches: step.microbatches.filter { runs[rank].contains($0.key) }, transcripts: step.transcripts)
          },
          distillation: steps.distillation.map { step in
            DistillationStep(
              microbatches: step.microbatches.filter { runs[rank].contains($0.key) }, questions: step.questions)
          })
        group.addTask {
          do {
            let report = try await RemoteCall.with(timeout: TrainingAssignment.deadline) {
              try await ready.worker.train(assignment)
            }
            guard let objection = examination.objection(report, assignment) else { return .done(rank, report) }
            await roster.expel(ready.member.node, because: "sent what can't be: \(objection)")
            throw RemoteCallError(.unreachable, "\(ready.member.node.name) was taken out")
          } catch let error as UnreachableError {
            let faults = error.faults.filter { fault in
              fault.from == ready.member.node && team.contains { $0.member.node == fault.to }
            }
            if faults.isEmpty { await roster.expel(ready.member.node, because: "can't reach whom nobody knows") }
            return .unreachable(faults)
          } catch let error as RemoteCallError where error.reason == .failed {
            throw WorkerFailure(worker: ready.member.node.name, cause: error.explanation)
          }
        }
      }
      var reports: [Int: TrainingReport] = [:]
      var faults: [LinkFault]?
      for try await part in group {
        switch part {
        case .done(let rank, let report): reports[rank] = report
        case .unreachable(let more):
          if faults == nil {
            group.addTask {
              try await Task.sleep(for: Self.othersFind)
              return .allFound
            }
          }
          faults = (faults ?? []) + more
        case .allFound: throw UnreachableError(faults ?? [])
        }
      }
      return team.indices.compactMap { reports[$0] }
    }
  }

  /// What comes of an attempt.
  private enum Part: Sendable {
    case done(Int, TrainingReport)
    /// A member can't reach others.
    case unreachable([LinkFault])
    case allFound
  }

  /// Adds up losses in the order of the microbatches, so that the sum does not depend on who computed them.
  private func outcome(of reports: [TrainingReport], _ steps: Steps) -> Outcome {
    func mean(_ losses: [[Int: [Float]]], steps: Int) -> Double? {
      guard steps > 0 else { return nil }
      let merged = losses.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
      let total = merged.keys.sorted().reduce(0.0) { sum, key in
        (merged[key] ?? []).reduce(sum) { $0 + Double($1) }
      }
      return total / Double(steps)
    }
    return Outcome(
      distillationLoss: mean(reports.map(\.distillationLosses), steps: steps.distillation.count),
      imitationLoss: mean(reports.map(\.imitationLosses), steps: steps.imitation.count))
  }
}

/// Weights of a model have grown beyond all numbers.
struct TrainingError: Error, CustomStringConvertible {
  let model: GradientKey.Model
  let round: Int

  var description: String {
    let (name, rate) =
      switch model {
      case .answerer: ("X", "distillation.learning_rate")
      case .overseer: ("H′", "overseer.learning_rate")
      }
    return
      "the training of \(name) diverged: its loss in round \(round) is no number. Begin anew with a smaller \(rate)"
  }
}

/// Numbers for training attempts that grow, also from one coordinator of a run to the next.
actor Attempts {
  private static let perCoordinator = 1 << 40
  private var last: Int

  /// - Parameter epoch: coordinators that the run has had.
  init(epoch: Int) {
    last = epoch * Self.perCoordinator
  }

  func next() -> Int {
    last += 1
    return last
  }
}
