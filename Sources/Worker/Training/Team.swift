import ActorCluster
import Distillation
import WorkUnits

/// The workers that train a round together, as one of them sees them.
///
/// Each member reduces one gradient shard: it gets the others' parts of it, sums them in the canonical order, and returns
/// the sum to each.
struct Team: Sendable {
  let round: Int
  let attempt: Int
  private let rank: Int
  /// The others by rank; nil at the own rank.
  private let members: [Other?]
  private let node: NodeID
  private let exchange: GradientExchange

  /// Another member.
  private struct Other: Sendable {
    let member: TeamMember
    let worker: WorkerReference
  }

  /// Connects to the members that this worker has no connection to yet. - Throws: ``UnreachableError`` that names all to which
  /// none comes about.
  init(_ assignment: TrainingAssignment, exchange: GradientExchange, system: ClusterSystem) async throws {
    guard let team = assignment.team.members, team.indices.contains(assignment.rank) else {
      throw RemoteCallError(.malformed, "the list of the team is damaged")
    }
    round = assignment.round
    attempt = assignment.attempt
    rank = assignment.rank
    self.exchange = exchange
    node = system.node
    let faults = await system.faults(in: Array(team.filter { $0.node != system.node }), within: system.failureTimeout)
    guard faults.isEmpty else { throw UnreachableError(faults) }
    members = try team.enumerated().map { rank, member in
      rank == assignment.rank ? nil : Other(member: member, worker: try .to(member, of: system))
    }
  }

  /// How many they are.
  var count: Int { members.count }

  /// The sum of all members' microbatches.
  ///
  /// - Parameter count: numbers in the gradient.
  func sum(_ own: [ReductionTree.Node: [Float]], count: Int, _ key: GradientKey) async throws -> [Float] {
    if members.count == 1, own.count == 1, let all = own.values.first { return all }
    let shards = shares(of: count, among: members.count)
    let nodes = own.keys.sorted { $0.lowerBound < $1.lowerBound }
    return try await withThrowingTaskGroup(of: (Int, Bulk).self) { group in
      for (reducer, shard) in shards.enumerated() where !shard.isEmpty {
        group.addTask {
          guard let other = members[reducer] else {
            let parts = own.mapValues { Array($0[shard]) }
            return (reducer, try await exchange.contribute(parts, rank: rank, to: key))
          }
          let part = Bulk(joining: nodes.map { own[$0]?[shard] ?? [] })
          return (reducer, try await send(GradientPart(key: key, rank: rank, nodes: nodes, sums: part), to: other))
        }
      }
      var sums = [Bulk?](repeating: nil, count: members.count)
      for try await (reducer, sum) in group { sums[reducer] = sum }
      guard let total = Bulk.elements(Float.self, of: sums.compactMap(\.self)), total.count == count else {
        throw RemoteCallError(.malformed, "the gradient shards that came back are not \(count) numbers")
      }
      return total
    }
  }

  /// Has another member add a part to its shard, which it can when it has those of all.
  private func send(_ part: GradientPart, to other: Other) async throws -> Bulk {
    do {
      return try await RemoteCall.with(timeout: TrainingAssignment.deadline) { try await other.worker.contribute(part) }
    } catch let error as RemoteCallError where error.reason == .unreachable {
      throw UnreachableError([LinkFault(from: node, to: other.member, cause: error.explanation)])
    }
  }
}

extension WorkerReference {
  /// Another worker.
  static func to(_ member: TeamMember, of system: ClusterSystem) throws -> WorkerReference {
    try resolve(id: .init(node: member.node, name: ActorNames.worker), using: system)
  }
}

extension ClusterSystem {
  /// Connects to workers. - Returns: between which of them and this one no connection came about in time.
  func faults(in workers: [TeamMember], within patience: Duration) async -> [LinkFault] {
    await withTaskGroup(of: LinkFault?.self) { group in
      for worker in workers {
        group.addTask {
          do {
            try await self.reach(worker.node, at: worker.endpoint, within: patience)
            return nil
          } catch {
            return LinkFault(from: self.node, to: worker, cause: "\(error)")
          }
        }
      }
      return await group.reduce(into: []) { if let fault = $1 { $0.append(fault) } }
    }
  }
}
