import ActorCluster
import Distributed

/// An actor that answers with what it is given: what the cost of a call is measured with.
///
/// A target of its own: where a distributed method is called for one very system beside its protocol, the optimiser of Swift
/// 6.3.1 makes a version of it, and fails at it.
@Resolvable
public protocol EchoNode: DistributedActor where ActorSystem: DistributedActorSystem<any Codable> {
  distributed func echo(_ value: Int) async throws -> Int
  distributed func echo(items: [Int]) async throws -> [Int]
  distributed func echo(bulk: Bulk) async throws -> Bulk
}

/// Answers with what it is given.
public distributed actor Echo: EchoNode {
  public typealias ActorSystem = ClusterSystem

  public init(actorSystem: ClusterSystem) { self.actorSystem = actorSystem }

  public distributed func echo(_ value: Int) -> Int { value }
  public distributed func echo(items: [Int]) -> [Int] { items }
  public distributed func echo(bulk: Bulk) -> Bulk { bulk }
}
