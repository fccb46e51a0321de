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
    round = assignment.round
    attempt = assignment.attempt
    rank = assignment.rank
    self.exchange = exchange
    var members: [WorkerReference?] = []
    for (rank, member) in assignment.team.enumerated() {
      guard rank != assignment.rank else {
        members.append(nil)
        continue
      }
      let node = try await system.connect(to: member.endpoint)
      guard node == member.node else {
        throw RemoteCallError(.unreachable, "\(member.node.name) is gone; \(node.name) was started in its place")
      }
      members.append(try WorkerReference.resolve(id: .init(node: node, name: Agreement.worker), using: system))
    }
    self.members = members
  }

  /// The sum of all members' microbatches.
  ///
  /// - Parameter count: numbers in the gradient.
  func sum(_ own: [ReductionTree.Node: [Float]], count: Int, _ key: GradientKey) async throws -> [Float] {
    let slices = shares(of: count, among: members.count)
    let nodes = own.keys.sorted { $0.lowerBound < $1.lowerBound }
    return try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
      for (rank, member) in members.enumerated() where !slices[rank].isEmpty {
        let slice = slices[rank]
        group.addTask {
          guard let member else {
            let parts = members.count == 1 ? own : own.mapValues { Array($0[slice]) }
            return (rank, try await exchange.contribute(parts, rank: self.rank, to: key))
          }
          var part: [Float] = []
          part.reserveCapacity(nodes.count * slice.count)
          for node in nodes { part += own[node]?[slice] ?? [] }
          let sums = try await member.contribute(
            GradientPart(key: key, rank: self.rank, nodes: nodes, sums: Bulk(part)))
          guard let sum = sums.elements(Float.self), sum.count == slice.count else {
            throw RemoteCallError(.malformed, "a gradient shard came back with \(sums.byteCount) bytes")
          }
          return (rank, sum)
        }
      }
      var sums: [Int: [Float]] = [:]
      for try await (rank, sum) in group { sums[rank] = sum }
      return members.indices.flatMap { sums[$0] ?? [] }
    }
  }
}
