import ActorCluster
import Foundation
import Logging
import WorkUnits

/// Who works: the team of a round, who can answer for its models, and who joins meanwhile.
extension Roster {
  /// The workers, each with the models after a round; those that have others get them first.
  ///
  /// Waits while there is none. - Parameters:
  ///   - fallback: the models after that round, if no worker has them.
  ///   - whileWaiting: is called when there is no worker.
  /// - Throws: ``NoReplicaError`` if nobody has those models; ``WorkerFailure`` if the only worker was let go as unfit.
  func team(after round: Int, fallback: ModelSnapshot?, whileWaiting: @Sendable () async throws -> Void) async throws
    -> [Ready]
  {
    if let current, current.round != round {
      lasted = round == current.round + 1 ? began.duration(to: .now) : nil
      began = .now
    }
    current = (round, fallback)
    while true {
      try Task.checkCancellation()
      let behind = due(table.behind(round), after: round)
      if !behind.isEmpty {
        guard round == 0 || canBeHad(modelsAfter: round, fallback) else { throw NoReplicaError(round: round) }
        for member in behind { prepare(member, after: round, fallback) }
        let begun = behind.compactMap { preparing[$0.node] }
        while preparing.values.contains(where: { present in begun.contains { $0.number == present.number } }) {
          await changes.change()
          try Task.checkCancellation()
        }
        // Who joined while an earlier round went on has that one's models by now.
        if begun.contains(where: { $0.round != round }) { continue }
      }
      let ready = try table.team(after: round).map { Ready(member: $0, worker: try reference($0)) }
      if !ready.isEmpty { return ready }
      await dismissDrained(after: round)
      if let unfit, !hasBeenReady, table.entries.values.allSatisfy(\.isDraining) { throw unfit }
      try await whileWaiting()
      // A worker that could not be made ready is tried again when another joins, or after a while.
      await changes.change(within: .seconds(2))
    }
  }

  /// Those of them that are not to be left alone for a while; all, if there is nobody else.
  private func due(_ behind: [Member], after round: Int) -> [Member] {
    let due = behind.filter { !setbacks.isLeftAlone($0.node.name, at: .now) }
    return due.isEmpty && table.team(after: round).isEmpty ? behind : due
  }

  /// Workers that have the models after a round, perhaps with newer ones, and time; nobody is made ready for it.
  func holders(of round: Int) -> [Ready] {
    table.quickHolders(of: round).compactMap { member in
      (try? reference(member)).map { Ready(member: member, worker: $0) }
    }
  }

  /// Workers that get the models after a round from now on.
  func newcomers(after round: Int) -> AsyncStream<Ready> {
    let (stream, continuation) = AsyncStream.makeStream(of: Ready.self)
    let key = UUID()
    awaitingNewcomers[key] = (round, continuation)
    continuation.onTermination = { [weak self] _ in Task { await self?.forget(newcomersFor: key) } }
    return stream
  }

  private func forget(newcomersFor key: UUID) { awaitingNewcomers[key] = nil }

  /// Begins to make a worker ready for what follows a round, unless it is being made ready already.
  func prepare(_ member: Member, after round: Int, _ fallback: ModelSnapshot?) {
    guard preparing[member.node] == nil else { return }
    let number = preparations
    preparations += 1
    let task = Task {
      let isReady = await makeReady(member, after: round, fallback)
      preparing[member.node] = nil
      changes.notify()
      guard isReady, let worker = try? reference(member) else { return }
      for awaiting in awaitingNewcomers.values where awaiting.round == round {
        awaiting.newcomers.yield(Ready(member: member, worker: worker))
      }
    }
    preparing[member.node] = Preparation(round: round, number: number, task: task)
  }

  /// The members of a team finished a round, and agree on their weights.
  ///
  /// - Parameter rehearsal: what those that turn out slow are measured by.
  func trained(_ paces: [NodeID: Double?], round: Int, hash: String, rehearsal: TrainingStep?) async {
    agreed[round] = hash
    agreed = agreed.filter { (round - 1...round).contains($0.key) }
    table.links.carried(Set(paces.keys))
    self.rehearsal = rehearsal
    for case (let node, let pace?) in paces { meters.computed(node.name, secondsPerMicrobatch: pace) }
    for node in table.trained(paces, round: round) {
      await note(.warning, node, "is much slower than the others, which train without it until it is faster")
    }
  }

  /// How fast workers compute, to each other.
  func speeds(of nodes: [NodeID]) -> [Double] { table.speeds(of: nodes) }

  /// A worker failed at something else than its connection: it gets its models anew before it is used again.
  func distrust(_ node: NodeID) { table.has(node, modelsAfter: nil) }
}
