import Distributed
import Logging
import Synchronization

/// Distributed actors on libzmq: every process is a node, and a call on an actor of another node is a message to it.
///
/// A node listens if it is told where, and connects to others with ``connect(to:timeout:)``; calls go either way over a
/// connection. Actors that were not exported under a name can't be called from elsewhere, and of an exported one only
/// the methods of the protocols that it was exported with.
public final class ClusterSystem: DistributedActorSystem, Sendable {
  public typealias ActorID = ActorCluster.ActorID
  public typealias InvocationEncoder = ActorCluster.InvocationEncoder
  public typealias InvocationDecoder = ActorCluster.InvocationDecoder
  public typealias ResultHandler = ReplyHandler
  public typealias SerializationRequirement = any Codable

  public let node: NodeID
  let configuration: Configuration
  let types: TypeTable
  let hello: Hello
  let loop: EventLoop
  let peers: Peers
  let outgoing: OutgoingCalls
  let served: ServedCalls
  let log: Logger
  let meters: CallMeters?
  let malformed = Mutex(Recurrence())
  let turnedAway = Mutex(Recurrence())
  private let ended = AsyncStream.makeStream(of: Never.self)

  /// Starts a node. It runs until ``shutdown()``.
  ///
  /// - Throws: ``ZeroMQError`` if the address can't be bound.
  public init(_ configuration: Configuration, log: Logger = Logger(label: "cluster")) throws {
    node = NodeID(name: configuration.name)
    self.configuration = configuration
    var log = log
    log[metadataKey: "component"] = "cluster"
    self.log = log
    types = TypeTable(configuration.types + [RemoteCallError.self])
    meters = configuration.isMetered ? CallMeters() : nil
    loop = try EventLoop(
      Sockets.Configuration(
        routingID: node.description, largestFrame: configuration.largestFrame, heartbeat: configuration.heartbeat,
        failureTimeout: configuration.failureTimeout, meters: meters, keyring: configuration.keyring),
      binding: configuration.bind)
    hello = configuration.hello(of: node, boundTo: loop.endpoint)
    let outgoing = OutgoingCalls(atMost: configuration.mostCalls, over: loop)
    let served = ServedCalls(
      ServedCalls.Rules(
        of: configuration.name, configuration.keyring, atMost: configuration.mostCalls,
        perSecond: configuration.mostCallsPerSecond),
      over: loop, meters: meters)
    peers = Peers(
      Handshake(hello: hello, keyring: configuration.keyring), failureTimeout: configuration.failureTimeout, over: loop,
      log: log, meters: meters
    ) { node, error in
      served.lost(node)
      outgoing.lost(node, because: error)
    }
    (self.outgoing, self.served) = (outgoing, served)
    let ended = ended.continuation
    loop.start(for: self, onEnd: { ended.finish() })
  }

  /// Says goodbye, ends all calls, and closes the sockets.
  public func shutdown() async {
    peers.stop()
    served.stop()
    outgoing.lost(because: RemoteCallError(.unreachable, "this process is leaving the cluster"))
    loop.stop()
    for await _ in ended.stream {}
  }

  // MARK: Calls to others

  public func makeInvocationEncoder() -> InvocationEncoder { InvocationEncoder() }

  public func remoteCall<Act, Err, Res>(
    on actor: Act, target: RemoteCallTarget, invocation: inout InvocationEncoder, throwing: Err.Type,
    returning: Res.Type
  ) async throws -> Res where Act: DistributedActor, Act.ID == ActorID, Err: Error, Res: Codable {
    var reply = try await call(actor.id, target, invocation)
    return try WireDecoder.decode(Res.self, from: &reply.body, reply.frames[0], reply.frames.dropFirst())
  }

  public func remoteCallVoid<Act, Err>(
    on actor: Act, target: RemoteCallTarget, invocation: inout InvocationEncoder, throwing: Err.Type
  ) async throws where Act: DistributedActor, Act.ID == ActorID, Err: Error {
    _ = try await call(actor.id, target, invocation)
  }

  private func call(_ id: ActorID, _ target: RemoteCallTarget, _ invocation: InvocationEncoder) async throws
    -> CallResult
  {
    guard let meters else { return try await unmeteredCall(id, target, invocation) }
    return try await meters.measure(target.identifier, named: RemoteCall.name) {
      try await unmeteredCall(id, target, invocation)
    }
  }

  private func unmeteredCall(
    _ id: ActorID, _ target: RemoteCallTarget, _ invocation: InvocationEncoder
  ) async throws -> CallResult {
    let reply = try await outgoing.call(id.node, of: peers, within: RemoteCall.deadline ?? configuration.callTimeout) {
      Envelope.request(Request(call: $0, actor: id.name, target: target.identifier), invocation)
    }
    if reply.failed { throw try reply.error(of: types) }
    return reply
  }

  // MARK: Actors of this node

  /// Lets other nodes call an actor under a name: the distributed methods of the protocols, and no others.
  ///
  /// The runtime would run any method of any actor for anyone; the table is what keeps callers to what was meant.
  /// - Parameter roles: of those who may call it; nil: every member. Without a keyring everybody has all of them.
  public func export<Act: DistributedActor>(
    _ actor: Act, as name: String, answering protocols: [any Any.Type], to roles: Set<String>? = nil
  ) where Act.ActorSystem == ClusterSystem {
    let callee = ServedCalls.Callee(actor: actor) { [self] request, handler in
      do {
        var decoder = try InvocationDecoder(request, types: types)
        try await executeDistributedTarget(
          on: actor, target: RemoteCallTarget(request.target), invocationDecoder: &decoder, handler: handler)
      } catch {
        handler.fail(error)
      }
    }
    served.export(callee, as: name, answering: TargetTable(protocols), to: roles)
  }

  public func resolve<Act>(id: ActorID, as actorType: Act.Type) throws -> Act?
  where Act: DistributedActor, Act.ID == ActorID {
    guard id.node == node else { return nil }
    guard let actor = served.actor(named: id.name) as? Act else {
      throw RemoteCallError(.refused, "there is no \(actorType) named \(id.name) in this process")
    }
    return actor
  }

  public func assignID<Act>(_ actorType: Act.Type) -> ActorID where Act: DistributedActor, Act.ID == ActorID {
    ActorID(node: node, name: "\(actorType)-\(UInt64.random(in: 0 ... .max))")
  }

  public func actorReady<Act>(_ actor: Act) where Act: DistributedActor, Act.ID == ActorID {}

  public func resignID(_ id: ActorID) {}
}
