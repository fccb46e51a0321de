import ActorCluster
import Logging
import WorkUnits

/// Spreads units of work over workers.
struct Dispatch: Sendable {
  /// Units that one worker holds at a time: one to work on, one to go on with.
  private static let credit = 2
  /// No unit takes so long; a lost worker is found by its silence long before.
  static let deadline = Duration.seconds(600)

  let roster: Roster
  /// Share of the units that a second worker does, too, 0…1.
  let verified: Double
  let log: Logger

  /// Has each unit done by a worker with the models after a round: by the team, by those that join it meanwhile, and by
  /// others when all are lost.
  ///
  /// - Parameter whileWaiting: is called when there is no worker.
  /// - Returns: the results in the order of the units.
  func map<Unit: WorkUnit>(
    _ units: [Unit], over team: [Roster.Ready], after round: Int, by rules: ResultRules,
    whileWaiting: @Sendable () async throws -> Void
  ) async throws -> [Unit.Result] {
    var team = team
    while true {
      if let results = try await map(units, over: team, after: round, by: rules) { return results }
      // Those that have finished training the round meanwhile can still answer for the models before it.
      team = await roster.holders(of: round)
      if team.isEmpty { team = try await roster.team(after: round, fallback: nil, whileWaiting: whileWaiting) }
    }
  }

  /// What happens while units are done.
  enum Event: Sendable {
    case joined(Roster.Ready)
    /// A unit's first result is there, and a second worker is to do it, too.
    case isToBeVerified(Int)
    case verified(isRight: Bool)
    /// Somebody pulls no more.
    case left
    case nothingMore
  }

  /// Has each unit done by some worker of the team; a lost worker's units go to the others, and a slow one's, too.
  ///
  /// - Returns: the results in the order of the units; nil if all workers were lost before, or one was found wrong.
  /// - Throws: the error of a unit that failed for another reason than its worker's loss.
  private func map<Unit: WorkUnit>(
    _ units: [Unit], over team: [Roster.Ready], after round: Int, by rules: ResultRules
  ) async throws -> [Unit.Result]? {
    let queue = UnitQueue(units)
    let drawn = Set(units.indices.filter { _ in verified > 0 && Double.random(in: 0..<1) < verified })
    let (events, told) = AsyncStream.makeStream(of: Event.self)
    let newcomers = await roster.newcomers(after: round)
    var isRight = true
    try await withThrowingTaskGroup(of: Event.self) { group in
      var (pulling, unverified) = (0, drawn.count)
      func hire(_ ready: Roster.Ready) {
        for _ in 0..<Self.credit {
          group.addTask {
            try await pull(from: queue, for: ready, by: rules, verifying: drawn, told)
            return .left
          }
        }
        pulling += Self.credit
      }
      for ready in team { hire(ready) }
      group.addTask {
        for await ready in newcomers { told.yield(.joined(ready)) }
        return .nothingMore
      }
      group.addTask { await events.first { _ in true } ?? .nothingMore }
      while let event = try await group.next() {
        switch event {
        case .joined(let ready) where !team.contains(where: { $0.member.node == ready.member.node }): hire(ready)
        case .isToBeVerified(let index):
          group.addTask {
            .verified(isRight: try await verify(units[index], index, of: queue, after: round, by: rules))
          }
        case .verified(let result):
          unverified -= 1
          isRight = isRight && result
        case .left: pulling -= 1
        case .joined, .nothingMore: break
        }
        switch event {
        // The next one.
        case .joined, .isToBeVerified: group.addTask { await events.first { _ in true } ?? .nothingMore }
        case .verified, .left, .nothingMore: break
        }
        // Whoever still works on a unit that another has done meanwhile is not waited for. When the last worker is lost,
        // nobody pulls any more, and it ends, too.
        let isComplete = await queue.isComplete
        if !isRight || (isComplete && unverified == 0) || (!isComplete && pulling == 0) { group.cancelAll() }
      }
    }
    try Task.checkCancellation()
    guard isRight else { return nil }
    return await queue.all
  }

  private func pull<Unit: WorkUnit>(
    from queue: UnitQueue<Unit>, for ready: Roster.Ready, by rules: ResultRules, verifying drawn: Set<Int>,
    _ told: AsyncStream<Event>.Continuation
  ) async throws {
    let node = ready.member.node
    while let (index, unit) = await queue.next(for: node) {
      do {
        let result = try await RemoteCall.with(timeout: Self.deadline) { try await ready.worker.perform(unit) }
        if let objection = unit.objection(to: result, by: rules) {
          await roster.expel(node, because: "sent what can't be: \(objection)")
          guard await queue.reject(index, by: node) < 2 else {
            await queue.abandon()
            throw WorkerFailure(worker: node.name, cause: "it sent what can't be, as another did before: \(objection)")
          }
          return
        }
        if await queue.finish(index, result, by: node), drawn.contains(index) { told.yield(.isToBeVerified(index)) }
        log.debug("a unit is done", metadata: ["worker": "\(node.name)", "shard": "\(index)"])
      } catch let error as WorkerFailure {
        throw error
      } catch {
        await queue.giveBack(index, by: node)
        // Nobody waits for it any more.
        if await queue.isComplete || Task.isCancelled { return }
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
    case is ModelVersionError, is SupersededError, is UnreachableError: true
    case let error as RemoteCallError:
      switch error.reason {
      case .unreachable, .timeout, .overloaded: true
      case .cancelled, .refused, .failed, .malformed: false
      }
    default: false
    }
  }
}
