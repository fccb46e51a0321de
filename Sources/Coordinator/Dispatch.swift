import ActorCluster
import Logging
import WorkUnits

/// Spreads units of work over workers.
struct Dispatch: Sendable {
  /// Units that one worker holds at a time: one to work on, one to go on with.
  private static let credit = 2

  let roster: Roster
  let log: Logger

  /// Has each unit done by some worker of the team, once, in whatever order; a lost worker's units go to the others.
  ///
  /// - Returns: the results in the order of the units; nil if all workers were lost before.
  /// - Throws: the error of a unit that failed for another reason than its worker's loss.
  func map<Unit: Sendable, Result: Sendable>(
    _ units: [Unit], over team: [Roster.Ready],
    _ work: @escaping @Sendable (WorkerReference, Unit) async throws -> Result
  ) async throws -> [Result]? {
    let queue = UnitQueue<Unit, Result>(units)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for ready in team {
        for _ in 0..<Self.credit {
          group.addTask {
            while let (index, unit) = await queue.next() {
              do {
                await queue.finish(index, try await work(ready.worker, unit))
              } catch {
                await queue.giveBack(index)
                guard error.isLoss else {
                  await queue.abandon()
                  throw WorkerFailure(worker: ready.member.node.name, cause: "\(error)")
                }
                await roster.distrust(ready.member.node)
                log.warning("a unit of \(ready.member.node.name) goes to another worker: \(error)")
                return
              }
            }
          }
        }
      }
      // When the last worker of the team is lost, nobody waits in the queue any more, and the group ends.
      try await group.waitForAll()
    }
    return await queue.all
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
