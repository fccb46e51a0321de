import ActorCluster
import Logging
import WorkUnits

/// Spreads units of work over workers.
struct Dispatch: Sendable {
  /// Units that one worker holds at a time: one to work on, one to go on with.
  private static let credit = 2
  /// No unit takes so long; a lost worker is found by its silence long before.
  private static let deadline = Duration.seconds(600)

  let roster: Roster
  let log: Logger

  /// Has each unit done by a worker with the models after a round: by the team, and by others when that is lost.
  ///
  /// - Parameter whileWaiting: is called when there is no worker.
  /// - Returns: the results in the order of the units.
  func map<Unit: Sendable, Result: Sendable>(
    _ units: [Unit], over team: [Roster.Ready], after round: Int, whileWaiting: @Sendable () async throws -> Void,
    _ work: @escaping @Sendable (WorkerReference, Unit) async throws -> Result
  ) async throws -> [Result] {
    var team = team
    while true {
      if let results = try await map(units, over: team, work) { return results }
      // Those that have finished training the round meanwhile can still answer for the models before it.
      team = await roster.holders(of: round)
      if team.isEmpty { team = try await roster.team(after: round, fallback: nil, whileWaiting: whileWaiting) }
    }
  }

  /// Has each unit done by some worker of the team; a lost worker's units go to the others, and a slow one's, too.
  ///
  /// - Returns: the results in the order of the units; nil if all workers were lost before.
  /// - Throws: the error of a unit that failed for another reason than its worker's loss.
  private func map<Unit: Sendable, Result: Sendable>(
    _ units: [Unit], over team: [Roster.Ready],
    _ work: @escaping @Sendable (WorkerReference, Unit) async throws -> Result
  ) async throws -> [Result]? {
    let queue = UnitQueue<Unit, Result>(units)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for ready in team {
        for _ in 0..<Self.credit { group.addTask { try await pull(from: queue, for: ready, work) } }
      }
      // Whoever still works on a unit that another has done meanwhile is not waited for. When the last worker of the team
      // is lost, nobody waits in the queue any more, and the group ends, too.
      while try await group.next() != nil {
        if await queue.isComplete { group.cancelAll() }
      }
    }
    return await queue.all
  }

  private func pull<Unit: Sendable, Result: Sendable>(
    from queue: UnitQueue<Unit, Result>, for ready: Roster.Ready,
    _ work: @Sendable (WorkerReference, Unit) async throws -> Result
  ) async throws {
    let node = ready.member.node
    while let (index, unit) = await queue.next(for: node) {
      do {
        let result = try await RemoteCall.with(timeout: Self.deadline) { try await work(ready.worker, unit) }
        await queue.finish(index, result, by: node)
        log.debug("a unit is done", metadata: ["worker": "\(node.name)", "shard": "\(index)"])
      } catch {
        await queue.giveBack(index, by: node)
        if await queue.isComplete { return }
        guard error.isLoss else {
          await queue.abandon()
          throw WorkerFailure(worker: node.name, cause: "\(error)")
        }
        await roster.distrust(node)
        log.warning(
          "a unit of \(node.name) goes to another worker: \(error)",
          metadata: ["worker": "\(node.name)", "shard": "\(index)"])
        return
      }
    }
  }
}

/// A worker failed at a unit, and so would the next.
struct WorkerFailure: Error, CustomStringConvertible {
  let worker: String
  let cause: String
  var description: String { "\(worker) failed: \(cause)" }
}

extension Error {
  /// Whether the callee is lost or behind, so that another may do what it did not.
  var isLoss: Bool {
    switch self {
    case is ModelVersionError, is SupersededError: true
    case let error as RemoteCallError:
      switch error.reason {
      case .unreachable, .timeout, .overloaded: true
      case .cancelled, .refused, .failed, .malformed: false
      }
    default: false
    }
  }
}
