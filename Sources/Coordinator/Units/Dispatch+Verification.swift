import ActorCluster
import WorkUnits

/// Finds workers that are wrong, or mean harm, by having a second one do some of what they did.
///
/// A unit gives the same bits whoever does it, so two results that differ are one too many. Which units are done twice is
/// drawn by the system's own randomness: workers know the run's seed, and must not know when they are looked at. The
/// results of a run do not depend on it.
extension Dispatch {
  /// Has another worker do a unit that is done, and more of them if the two differ.
  ///
  /// - Returns: whether nobody was found wrong; else who was is taken out, and the units are to be done again.
  /// - Throws: ``ReplicaError`` if two differ and nobody else is there to tell which is wrong.
  func verify<Unit: WorkUnit>(
    _ unit: Unit, _ index: Int, of queue: UnitQueue<Unit>, after round: Int, by rules: ResultRules
  ) async throws -> Bool {
    guard let done = await queue.done(index) else { return true }
    var results = [done]
    let others = await roster.holders(of: round).filter { $0.member.node != done.worker }
    guard !others.isEmpty else { return true }
    // Not always the same ones.
    let first = index % others.count
    for ready in others[first...] + others[..<first] {
      // Who is lost meanwhile has no say.
      guard let result = try? await RemoteCall.with(timeout: Self.deadline, { try await ready.worker.perform(unit) })
      else {
        if Task.isCancelled { return true }
        continue
      }
      if let objection = unit.objection(to: result, by: rules) {
        await roster.expel(ready.member.node, because: "sent what can't be: \(objection)")
        continue
      }
      results.append(.init(result: result, worker: ready.member.node))
      // Two that agree are right; the rest are not.
      guard
        let right = results.first(where: { one in
          results.count { unit.isSame(one.result, $0.result) } >= 2
        })
      else { continue }
      let wrong = results.filter { !unit.isSame($0.result, right.result) }
      for one in wrong { await roster.expel(one.worker, because: "answers otherwise than two others") }
      return wrong.isEmpty
    }
    guard results.count > 1 else { return true }
    throw ReplicaError(
      description:
        "\(results.map(\.worker.name).joined(separator: " and ")) answer the same questions differently. Which is wrong "
        + "can't be told from \(results.count): look at these machines, or go on with others")
  }
}
