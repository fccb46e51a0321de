import ActorCluster
import Amplification
import ClusterFile
import Distillation
import Logging
import Randomness
import WorkUnits

/// Has the workers train the models for a round by sharded gradients, all of them together, until it succeeds.
struct GradientTrainer: Trainer {
  let configuration: ClusterFile
  let roster: Roster
  let attempts: Attempts
  let vote: ReplicaVote
  let log: Logger

  /// When one member finds a link broken, others will have found theirs by this time.
  private static let othersFind = Duration.milliseconds(200)

  /// The steps of a round with all of their microbatches, model by model.
  func steps(of round: Int, _ state: TrainingState) -> [TrainingStep] {
    ModelName.all.flatMap { model in
      (0..<steps(from: model.learnsFrom, state)).map { step in
        let batch = batch(of: model.learnsFrom, round, step, state)
        return TrainingStep(
          model, microbatches: batch.microbatches(configuration.distillation.microbatches), total: batch.count)
      }
    }
  }

  private func steps(from data: TrainingData.Kind, _ state: TrainingState) -> Int {
    switch data {
    case .examples: state.replay.isEmpty ? 0 : configuration.distillation.steps
    case .transcripts where configuration.overseer.kind == .scripted: 0
    case .transcripts: Int((Double(configuration.overseer.steps) * state.imitation.effort).rounded())
    }
  }

  /// What a step learns from, drawn from all that there is.
  private func batch(of data: TrainingData.Kind, _ round: Int, _ step: Int, _ state: TrainingState) -> TrainingData {
    let seed = configuration.run.seed
    switch data {
    case .examples:
      var random = CounterGenerator(seed: seed, purpose: .replay, round: round, index: step)
      return .examples(state.replay.sample(using: &random))
    case .transcripts:
      var random = CounterGenerator(seed: seed, purpose: .transcripts, round: round, index: step)
      return .transcripts(
        (0..<configuration.overseer.batch).map { _ in
          state.transcripts[Int.random(in: state.transcripts.indices, using: &random)]
        })
    }
  }

  /// First with the team at hand; if a member is lost, again from the round's start with those that are left. If replicas
  /// that must be equal are not, those that are wrong are taken out first.
  func train(_ round: Int, from state: TrainingState, with crew: Crew) async throws -> TrainingOutcome {
    let steps = steps(of: round, state)
    var team = crew.team
    while true {
      do {
        let reports = try await attempt(round, steps, with: team)
        try await vote.check(reports, of: team, round: round, roster: roster)
        let paces = zip(team, reports).map { ($0.member.node, $1.secondsPerMicrobatch[.answerer]) }
        await roster.trained(
          Dictionary(paces, uniquingKeysWith: { first, _ in first }), round: round,
          hash: reports.first?.weightsHash ?? "", rehearsal: steps.first { $0.model == .answerer }?.only(0..<1))
        let outcome = outcome(of: reports, steps)
        if let model = outcome.diverged { throw TrainingError(model: model, round: round) }
        return outcome
      } catch  where error.isLoss {
        if let error = error as? UnreachableError { await roster.found(error.faults) }
        log.warning("round \(round) is trained anew: \(error)", metadata: ["round": "\(round)"])
        team = try await roster.team(
          after: round - 1, fallback: crew.fallback, whileWaiting: { try await crew.board.waiting() })
      }
    }
  }

  private func attempt(
    _ round: Int, _ steps: [TrainingStep], with team: [Roster.Ready]
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
          steps: steps.map { $0.only(runs[rank]) })
        group.addTask {
          do {
            let report = try await RemoteCall.with(timeout: TrainingAssignment.deadline) {
              try await ready.worker.train(assignment)
            }
            guard let objection = assignment.objection(to: report) else { return .done(rank, report) }
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
  private func outcome(of reports: [TrainingReport], _ steps: [TrainingStep]) -> TrainingOutcome {
    var outcome = TrainingOutcome(steps: steps.reduce(into: [:]) { $0[$1.model, default: 0] += 1 })
    for (model, count) in outcome.steps {
      let merged = reports.compactMap { $0.losses[model] }.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
      let total = merged.keys.sorted().reduce(0.0) { sum, key in
        (merged[key] ?? []).reduce(sum) { $0 + Double($1) }
      }
      outcome.losses[model] = total / Double(count)
    }
    return outcome
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
