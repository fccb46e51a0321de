import ActorCluster
import Distributed

struct Rejected: Error, Codable, Hashable {
  var reason: String
}

@Resolvable
protocol EchoNode: DistributedActor where ActorSystem: DistributedActorSystem<any Codable> {
  distributed func echo(_ value: Int) async throws -> Int
  distributed func echo(items: [Int]) async throws -> [Int]
  distributed func echo(bulk: Bulk, label: String?) async throws -> Bulk
  distributed func reject(_ reason: String) async throws
  distributed func waitForever() async throws
  distributed func cancelled() async throws -> Int
}

distributed actor Echo: EchoNode {
  typealias ActorSystem = ClusterSystem
  private var cancellations = 0
  private let waiting: AsyncStream<Void>.Continuation?

  init(actorSystem: ClusterSystem, waiting: AsyncStream<Void>.Continuation? = nil) {
    self.actorSystem = actorSystem
    self.waiting = waiting
  }

  distributed func echo(_ value: Int) -> Int { value }
  distributed func echo(items: [Int]) -> [Int] { items }
  distributed func echo(bulk: Bulk, label: String?) -> Bulk { bulk }
  distributed func reject(_ reason: String) throws { throw Rejected(reason: reason) }
  distributed func waitForever() async throws {
    waiting?.yield()
    let (never, _) = AsyncStream.makeStream(of: Void.self)
    for await _ in never {}
    cancellations += Task.isCancelled ? 1 : 0
    waiting?.yield()
  }
  distributed func cancelled() -> Int { cancellations }
  /// Not part of the protocol, so nobody else may call it.
  distributed func secret() -> String { "secret" }
}

/// Two nodes in this process, connected over real sockets; the second runs an echo.
struct Pair {
  let caller: ClusterSystem
  let callee: ClusterSystem
  let echo: $EchoNode<ClusterSystem>
  let actor: Echo

  static func with(
    heartbeat: Duration = .milliseconds(50), timeout: Duration = .seconds(20),
    waiting: AsyncStream<Void>.Continuation? = nil, _ body: (Pair) async throws -> Void
  ) async throws {
    func node(_ name: String, bind: String?) throws -> ClusterSystem {
      var configuration = ClusterSystem.Configuration(name: name, role: "test", bind: bind)
      configuration.heartbeat = heartbeat
      configuration.failureTimeout = timeout
      configuration.types = [$EchoNode<ClusterSystem>.self, Rejected.self]
      return try ClusterSystem(configuration)
    }
    let callee = try node("callee", bind: "tcp://127.0.0.1:*")
    let actor = Echo(actorSystem: callee, waiting: waiting)
    callee.export(actor, as: "echo", answering: [(any EchoNode).self])
    let caller = try node("caller", bind: nil)
    do {
      let peer = try await caller.connect(to: callee.endpoint)
      let echo = try $EchoNode<ClusterSystem>.resolve(id: .init(node: peer, name: "echo"), using: caller)
      try await body(Pair(caller: caller, callee: callee, echo: echo, actor: actor))
    } catch {
      await caller.shutdown()
      await callee.shutdown()
      throw error
    }
    await caller.shutdown()
    await callee.shutdown()
  }
}
