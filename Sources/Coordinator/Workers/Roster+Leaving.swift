import ActorCluster
import Status
import WorkUnits

/// Who leaves: who is drained, let go, or taken out.
extension Roster {
  /// Has a worker leave when the present round is done. - Throws: ``UnknownWorkerError``.
  func drain(_ name: String) async throws {
    guard table.drain(name), let node = table.entries.keys.first(where: { $0.name == name }) else {
      throw UnknownWorkerError(name: name, workers: table.entries.keys.map(\.name).sorted())
    }
    await note(.notice, node, "leaves when the present round is done")
    changes.notify()
  }

  /// Lets go who is to leave. Between two rounds nobody holds anything but the models.
  func dismissDrained(after round: Int) async {
    for entry in table.draining {
      if round > 0, table.team(after: round).isEmpty, left?.round != round { left = try? await relayed(after: round) }
      await dismiss(entry.member, restarting: entry.restarts)
    }
  }

  /// Lets go who is to leave and has nothing to do, in a round that waits for people: others have its models.
  func dismissIdle(after round: Int) async {
    guard table.holders(of: round).contains(where: { table.entries[$0.node]?.isDraining == false }) else { return }
    for entry in table.draining where entry.status.work == WorkerStatus.idle {
      await dismiss(entry.member, restarting: entry.restarts)
    }
  }

  /// Takes out a worker that can't be relied on; one that is started in its place can, a few times.
  ///
  /// - Parameter counts: whether one that is started in its place may be no better.
  func expel(_ node: NodeID, because what: String, counts: Bool = true) async {
    guard let member = table.entries[node]?.member, table.entries[node]?.isDraining == false else { return }
    if counts { expulsions[node.name, default: 0] += 1 }
    table.has(node, modelsAfter: nil)
    _ = table.drain(node.name, restarting: true)
    await note(.error, node, "\(what), and is taken out")
    await dismiss(member, restarting: true)
    changes.notify()
  }

  func dismissAll() async {
    await withDiscardingTaskGroup { group in
      for entry in table.entries.values { group.addTask { await self.dismiss(entry.member, restarting: false) } }
    }
  }

  func dismiss(_ member: Member, restarting: Bool) async {
    try? await RemoteCall.with(timeout: .seconds(2)) {
      try await reference(member).leave(toBeStartedAgain: restarting)
    }
  }
}
