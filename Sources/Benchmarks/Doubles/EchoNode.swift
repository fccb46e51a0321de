import ActorCluster
import Distributed

/// An actor that answers with what it is given: what the cost of a call is measured with.
@Resolvable
protocol EchoNode: DistributedActor where ActorSystem: DistributedActorSystem<any Codable> {
  distributed func echo(_ value: Int) async throws -> Int
  distributed func echo(items: [Int]) async throws -> [Int]
  distributed func echo(bulk: Bulk) async throws -> Bulk
}

/// Answers with what it is given.
distributed actor Echo: EchoNode {
  typealias ActorSystem = ClusterSystem

  init(actorSystem: ClusterSystem) { self.actorSystem = actorSystem }

  distributed func echo(_ value: Int) -> Int { value }
  distributed func echo(items: [Int]) -> [Int] { items }
  distributed func echo(bulk: Bulk) -> Bulk { bulk }
}
