import ActorCluster
import WorkUnits

/// How workers get the models of a round.
extension Roster {
  /// No models are so large, or networks so slow, that handing them on takes longer.
  private static let transfer = Duration.seconds(600)

  /// Whether some worker or the coordinator has, or is just getting, the models after a round.
  func canBeHad(modelsAfter round: Int, _ fallback: ModelSnapshot?) -> Bool {
    !table.holders(of: round).isEmpty || kept(after: round, fallback) != nil
  }

  private func kept(after round: Int, _ fallback: ModelSnapshot?) -> ModelSnapshot? {
    [fallback, left].compactMap(\.self).first { $0.round == round }
  }

  /// Gives a worker the models after a round. - Returns: whether it has them.
  func makeReady(_ member: Member, after round: Int, _ fallback: ModelSnapshot?) async -> Bool {
    // One that is a round ahead still has the models of the one before.
    if table.entries[member.node]?.round == round + 1 {
      table.has(member.node, modelsAfter: round)
      return true
    }
    do {
      // Whatever it had, it has no longer.
      table.has(member.node, modelsAfter: nil)
      let worker = try reference(member)
      try await build(member, begins: round == 0)
      if round > 0 { try await give(member, worker, after: round, fallback) }
      table.has(member.node, modelsAfter: round)
      hasBeenReady = true
      setbacks.succeeded(member.node.name)
      return true
    } catch {
      if Task.isCancelled { return false }
      if let error = error as? UnfitError { await letGo(member, error) }
      setbacks.failed(member.node.name, because: "\(error)".shown, at: .now)
      log.warning("\(member.node.name) could not be made ready: \(error)")
      // From the beginning, the next time.
      building[member.node] = nil
      table.has(member.node, modelsAfter: nil)
      return false
    }
  }

  /// A worker that can't do what the run asks ends, and the run with it if there is no other.
  private func letGo(_ member: Member, _ error: UnfitError) async {
    let cause = error.cause.shown
    unfit = WorkerFailure(worker: member.node.name, cause: cause)
    _ = table.drain(member.node.name)
    await note(.error, member.node, "can't do what the run asks, and is let go: \(cause)")
    await dismiss(member, restarting: false)
  }

  /// Has a worker build the run's models, unless it has them: who goes on at another round takes over the numbers only.
  ///
  /// - Parameter begins: whether the numbers are those that training begins with; then they are always built anew.
  func build(_ member: Member, begins: Bool) async throws {
    if let present = building[member.node] {
      if !begins { return try await present.value }
      // One after the other, so that the last one asked for is the one that is there.
      _ = try? await present.value
    }
    var plan = plan
    plan.begins = begins
    let task = Task { [plan] in
      try await RemoteCall.with(timeout: Self.transfer) { try await reference(member).prepare(plan) }
    }
    building[member.node] = task
    do {
      try await task.value
    } catch {
      building[member.node] = nil
      throw error
    }
  }

  private func give(
    _ member: Member, _ worker: WorkerReference, after round: Int, _ fallback: ModelSnapshot?
  ) async throws {
    var failed: Set<NodeID> = []
    while true {
      try Task.checkCancellation()
      let holders = table.holders(of: round).filter {
        $0.node != member.node && !failed.contains($0.node) && !table.links.isBroken($0.node, member.node)
      }
      let kept = kept(after: round, fallback)
      switch delivery.next(among: holders.map(\.node), isKept: kept != nil) {
      case .wait: await changes.change()
      case .from(let source):
        defer { gave(source) }
        switch source {
        case .coordinator:
          guard let kept else { continue }
          return try await RemoteCall.with(timeout: Self.transfer) { try await worker.load(kept) }
        case .worker(let node):
          guard let peer = holders.first(where: { $0.node == node }) else { continue }
          if try await copy(member, worker, after: round, from: peer) { return }
          failed.insert(node)
        }
      case .nowhere:
        // Perhaps they can't reach each other, but this process both.
        let models = try await relayed(after: round)
        return try await RemoteCall.with(timeout: Self.transfer) { try await worker.load(models) }
      }
    }
  }

  private func gave(_ source: ModelDeliveryStateMachine.Source) {
    delivery.ended(source)
    changes.notify()
  }

  /// Has a worker take the models over from another. - Returns: whether it has them, and they are the right ones.
  private func copy(
    _ member: Member, _ worker: WorkerReference, after round: Int, from peer: Member
  ) async throws -> Bool {
    let hash: String
    do {
      let source = TeamMember(node: peer.node, endpoint: peer.endpoint)
      hash = try await RemoteCall.with(timeout: Self.transfer) { try await worker.copy(after: round, from: source) }
    } catch {
      // A worker that is gone itself can't be helped.
      guard table.entries[member.node] != nil else { throw error }
      if error is ModelVersionError { table.has(peer.node, modelsAfter: nil) }
      log.warning("\(member.node.name) could not take over the models of \(peer.node.name): \(error)")
      return false
    }
    guard let agreed = agreed[round], hash != agreed else { return true }
    // One of the two is wrong, or lies: what the other hands on is looked at here.
    guard let models = await models(of: peer, after: round) else { return false }
    try await RemoteCall.with(timeout: Self.transfer) { try await worker.load(models) }
    return true
  }

  /// The models after a round, through this process.
  ///
  /// - Parameter asked: how many workers at a time: who does not answer holds up nobody then.
  func relayed(after round: Int, from asked: Int = 1) async throws -> ModelSnapshot {
    var left = table.quickHolders(of: round)[...]
    while !left.isEmpty {
      let models = await withTaskGroup(of: ModelSnapshot?.self) { group in
        for member in left.prefix(asked) { group.addTask { await self.models(of: member, after: round) } }
        for await models in group where models != nil {
          group.cancelAll()
          return models
        }
        return nil
      }
      if let models { return models }
      left = left.dropFirst(asked)
    }
    throw NoReplicaError(round: round)
  }

  /// The models that a worker has. - Returns: nil if they can't be had, or are others than all had agreed on.
  private func models(of member: Member, after round: Int) async -> ModelSnapshot? {
    let models = try? await RemoteCall.with(timeout: Self.transfer) {
      try await reference(member).snapshot(after: round)
    }
    guard let models, models.isWhole(after: round) else { return nil }
    if agreed[round] == nil || models.weightsHash == agreed[round] { return models }
    await expel(member.node, because: "handed on other weights than all had agreed on")
    return nil
  }
}
