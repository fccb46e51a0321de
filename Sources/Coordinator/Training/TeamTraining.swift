import ActorCluster
import Distillation
import Logging
import WorkUnits

/// Has all workers together go through a round of training until it succeeds: they take its steps by sharded gradients, and go
/// on with what other programs made.
struct TeamTraining {
  let trainer: any Trainer
  /// Of each step's batch.
  let microbatches: Int
  let roster: Roster
  let attempts: Attempts
  let vote: ReplicaVote
  let log: Logger

  /// When one member finds a link broken, others will have found theirs by this time.
  private static let othersFind = Duration.milliseconds(200)

  /// First with the team at hand; if a member is lost, again from the round's start with those that are left. If replicas
  /// that must be equal are not, those that are wrong are taken out first.
  ///
  /// - Throws: ``NoReplicaError`` if nobody has the models before the round any more; ``DivergedError`` if nothing of the round
  ///   can be relied on; ``TrainingError`` if there is nothing more to be learned; what the trainer throws.
  func train(_ round: Int, from state: TrainingState, with crew: Crew) async throws -> TrainingOutcome {
    let plan = try await trainer.plan(round, from: state)
    var team = crew.team
    while true {
      do {
        let reports = try await attempt(round, plan, with: team)
        try await vote.check(reports, of: team, round: round, roster: roster)
        let paces = zip(team, reports).map { ($0.member.node, $1.secondsPerMicrobatch[.answerer]) }
        await roster.trained(
          Dictionary(paces, uniquingKeysWith: { first, _ in first }), round: round,
          hash: reports.first?.weightsHash ?? "", rehearsal: plan.steps.first { $0.model == .answerer }?.only(0..<1))
        let outcome = TrainingOutcome(of: plan, reports)
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
    _ round: Int, _ plan: TrainingPlan, with team: [Roster.Ready]
  ) async throws -> [TrainingReport] {
    let attempt = await attempts.next()
    // Microbatches go to members in runs, so that a member can add up neighbours before it sends them.
    // Who is faster gets more; the sums are the same whoever computes what.
    let runs = shares(
      of: microbatches, weights: await roster.speeds(of: team.map(\.member.node)))
    let members = TeamList(team.map(\.asTeamMember))
    return try await withThrowingTaskGroup(of: Part.self) { group in
      for (rank, ready) in team.enumerated() {
        let assignment = TrainingAssignment(
          round: round, attempt: attempt, team: members, rank: rank,
          steps: plan.steps.map { $0.only(runs[rank]) }, made: plan.made)
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
