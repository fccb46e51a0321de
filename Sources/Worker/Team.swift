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
  private let members: [WorkerReference?]
  private let exchange: GradientExchange

  /// Connects to the members that this worker has no connection to yet.
  init(_ assignment: TrainingAssignment, exchange: GradientExchange, system: ClusterSystem) async throws {
    guard let team = assignment.team.members, team.indices.contains(assignment.rank) else {
      throw RemoteCallError(.malformed, "the list of the team is damaged")
    }
    round = assignment.round
    attempt = assignment.attempt
    rank = assignment.rank
    self.exchange = exchange
    members = try await withThrowingTaskGroup(of: (Int, WorkerReference).self) { group in
      for (rank, member) in team.enumerated() where rank != assignment.rank {
        group.addTask { (rank, try await .member(member, of: system)) }
      }
      var members = [WorkerReference?](repeating: nil, count: team.count)
      for try await (rank, member) in group { members[rank] = member }
      return members
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
          guard let member = members[reducer] else {
            let parts = own.mapValues { Array($0[shard]) }
            return (reducer, try await exchange.contribute(parts, rank: rank, to: key))
          }
          let part = Bulk(joining: nodes.map { own[$0]?[shard] ?? [] })
          return (reducer, try await member.contribute(GradientPart(key: key, rank: rank, nodes: nodes, sums: part)))
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
}

extension WorkerReference {
  /// Another worker, to which there is a connection then.
  ///
  /// - Throws: ``RemoteCallError``: `unreachable` if it is gone.
  static func member(_ member: TeamMember, of system: ClusterSystem) async throws -> WorkerReference {
    let node: NodeID
    do {
      node = try await system.connect(to: member.endpoint)
    } catch let error as RemoteCallError where error.reason == .refused {
      // One of the two was revoked, and is as good as gone.
      throw RemoteCallError(.unreachable, error.explanation)
    }
    guard node == member.node else {
      throw RemoteCallError(.unreachable, "\(member.node.name) is gone; \(node.name) was started in its place")
    }
    return try resolve(id: .init(node: node, name: Agreement.worker), using: system)
  }
}
