import Distributed

/// An actor that answers with what it is given: what the cost of a call is measured with.
@Resolvable
public protocol EchoNode: DistributedActor where ActorSystem: DistributedActorSystem<any Codable> {
  distributed func echo(_ value: Int) async throws -> Int
  distributed func echo(items: [Int]) async throws -> [Int]
  distributed func echo(bulk: Bulk) async throws -> Bulk
}
