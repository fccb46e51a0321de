import Addresses
import Distributed
import Foundation
import Logging
import Synchronization
import ZeroMQ

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

  /// How a node behaves. All of a cluster's nodes should agree on the two times.
  public struct Configuration: Sendable {
    /// Name of the node, such as `worker-1`.
    public var name: String
    /// What the node is in the cluster: told to others, without effect here.
    public var role: String
    /// Where to listen, such as `tcp://127.0.0.1:*`; nil: nowhere.
    public var bind: String?
    /// Where others reach it, if that is not where it listens, as behind a container's network; * as the port is that of
    /// ``bind``.
    public var advertised: String?
    public var capabilities = Capabilities()
    /// Nodes whose build differs are refused.
    public var fingerprint = ""
    /// Time between signs of life.
    public var heartbeat = Duration.milliseconds(500)
    /// A silent peer is down after this time.
    public var failureTimeout = Duration.seconds(5)
    /// A call without a deadline of its own ends after this time.
    public var callTimeout = Duration.seconds(60)
    /// Bytes of a frame; a larger one is refused before it is allocated.
    public var largestFrame = 1 << 30
    /// Calls under way at most, made and served; of those that are served, each caller may have a quarter.
    public var mostCalls = 4096
    /// Calls that one caller may make in a second.
    public var mostCallsPerSecond = Int.max
    /// Types that a generic call may name, and errors that cross as themselves.
    public var types: [any Any.Type] = []
    /// Who may connect, and as what; nil: anybody, as anything.
    public var keyring: Keyring?
    /// Whether calls and messages are counted through swift-metrics.
    public var isMetered = false

    public init(name: String, role: String, bind: String? = nil) {
      self.name = name
      self.role = role
      self.bind = bind
    }
  }

  typealias Serve = @Sendable (Request, ReplyHandler) async -> Void

  struct Exported: Sendable {
    let actor: any DistributedActor
    let targets: TargetTable
    /// Who may call it; nil: every member.
    let roles: Set<String>?
    let serve: Serve
  }

  struct Pending {
    let node: NodeID
    let deadline: ContinuousClock.Instant
    let continuation: UnsafeContinuation<Reply, any Error>
  }

  /// Names a call that is being served: who made it, and its number there.
  struct Served: Hashable {
    let caller: NodeID
    let call: UInt64
  }

  struct Connection {
    let endpoint: String
    /// Of the node there; nil if there are no keys.
    let key: CurveKey?
    var peer: NodeID?
    /// Those who asked for it, by numbers of their own.
    var waiting: [UInt64: CheckedContinuation<NodeID, any Error>] = [:]
    var deadline: ContinuousClock.Instant
  }

  struct State {
    var membership: Membership
    var links: [NodeID: Link] = [:]
    var identities: [String: NodeID] = [:]
    /// By which members were admitted, if there are keys.
    var keys: [NodeID: CurveKey] = [:]
    var descriptors: [Int32: NodeID] = [:]
    var connections: [Int: Connection] = [:]
    var nextConnection = 0
    /// Connections at whose other end no member is: not yet, or no longer.
    var opening: Set<Int> = []
    var exported: [String: Exported] = [:]
    var pending: [UInt64: Pending] = [:]
    /// Calls being served; nil while their task is being made.
    var serving: [Served: Task<Void, Never>?] = [:]
    /// Of those that have made a call.
    var allowances: [NodeID: CallAllowance] = [:]
    var nextCall: UInt64 = 1
    var observers: [UUID: AsyncStream<MemberEvent>.Continuation] = [:]
    /// Those that are not welcome any more, and why.
    var banished: [NodeID: String] = [:]
    var isStopped = false

    @discardableResult mutating func forget(connection index: Int) -> Connection? {
      opening.remove(index)
      return connections.removeValue(forKey: index)
    }
  }

  public let node: NodeID
  let configuration: Configuration
  let types: TypeTable
  let loop: EventLoop
  let state: Mutex<State>
  let hello: Hello
  let log: Logger
  let meters: CallMeters?
  let malformed = Mutex((count: 0, reported: ContinuousClock.now - .seconds(60)))
  let turnedAway = Mutex((count: 0, reported: ContinuousClock.now - .seconds(60)))
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
    state = Mutex(State(membership: Membership(failureTimeout: configuration.failureTimeout)))
    loop = try EventLoop(
      Sockets.Configuration(
        routingID: node.description, largestFrame: configuration.largestFrame, heartbeat: configuration.heartbeat,
        failureTimeout: configuration.failureTimeout, meters: meters, keyring: configuration.keyring),
      binding: configuration.bind)
    // Others can connect here only if they know the key: it is part of the address.
    let bound = loop.endpoint
    let address = Self.told(
      bound, advertised: configuration.advertised, key: configuration.keyring?.pair.publicKey)
    hello = Hello(
      node: node, endpoint: address, fingerprint: configuration.fingerprint, role: configuration.role,
      host: ProcessInfo.processInfo.hostName, processID: ProcessInfo.processInfo.processIdentifier,
      capabilities: configuration.capabilities)
    let ended = ended.continuation
    loop.start(for: self, onEnd: { ended.finish() })
  }

  /// Time between signs of life.
  public var heartbeat: Duration { configuration.heartbeat }

  /// A peer that is silent for so long is down.
  public var failureTimeout: Duration { configuration.failureTimeout }

  /// Where others reach this node, with its port; empty if nowhere.
  public var endpoint: String { hello.endpoint }

  /// What others are told: where they reach this node, with the port that was bound in place of a `*`, and its key.
  static func told(_ bound: String, advertised: String?, key: CurveKey?) -> String {
    guard let bound = Address(bound) else { return "" }
    let reachable = advertised.flatMap { Address($0) } ?? bound
    return reachable.with(port: bound.port).with(key: key?.description).description
  }

  /// Says goodbye, ends all calls, and closes the sockets.
  public func shutdown() async {
    let (links, observers, serving) = state.withLock { state in
      state.isStopped = true
      defer {
        state.exported = [:]
        state.observers = [:]
      }
      return (Array(state.links.values), Array(state.observers.values), state.serving.values.compactMap(\.self))
    }
    for link in links { loop.submit(.send(Envelope.plain(.goodbye), link)) }
    for task in serving { task.cancel() }
    stopWaiting { _ in true }
    failCalls { _ in RemoteCallError(.unreachable, "this process is leaving the cluster") }
    for observer in observers { observer.finish() }
    loop.stop()
    for await _ in ended.stream {}
  }

  // MARK: Members

  /// The members that are up or suspect.
  public var members: [Member] { state.withLock { Array($0.membership.members.values) } }

  /// A member that is up or suspect.
  public func member(_ node: NodeID) -> Member? { state.withLock { $0.membership.members[node] } }

  /// Is done with a member for good: calls to it fail, and it is not welcome any more.
  ///
  /// - Parameter reason: a sentence, as in “it computes nothing”, which it is told when it comes again.
  public func banish(_ node: NodeID, because reason: String) {
    state.withLock { $0.banished[node] = reason }
    lost(node, because: reason)
  }

  /// What changes among the members from now on, after an `up` for each member that there is.
  public func events() -> AsyncStream<MemberEvent> {
    // Not one may be lost: who never hears that a member is gone waits for it. There are a few for each that comes and goes.
    let (stream, continuation) = AsyncStream.makeStream(of: MemberEvent.self)
    let key = UUID()
    state.withLock { state in
      for member in state.membership.members.values { continuation.yield(.up(member)) }
      state.observers[key] = continuation
    }
    continuation.onTermination = { [weak self] _ in _ = self?.state.withLock { $0.observers.removeValue(forKey: key) } }
    return stream
  }

  /// Connects to the node that listens at an address, and stays connected as long as that node is heard: once it is gone, for
  /// the failure time-out.
  ///
  /// - Returns: the node, which is then a member.
  /// - Throws: ``RemoteCallError``: `refused` with the peer's reason, or `unreachable` if nothing answers in time.
  public func connect(to endpoint: String, timeout: Duration = .seconds(5)) async throws -> NodeID {
    let number = state.withLock { state in
      defer { state.nextCall += 1 }
      return state.nextCall
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { connect(to: endpoint, timeout, number, $0) }
    } onCancel: {
      stopWaiting { $0 == number }
    }
  }

  private func connect(
    to endpoint: String, _ timeout: Duration, _ number: UInt64, _ continuation: CheckedContinuation<NodeID, any Error>
  ) {
    enum Step { case known(NodeID), wait, connect(Int), refuse(RemoteCallError) }
    guard let address = Address(endpoint) else {
      return continuation.resume(
        throwing: RemoteCallError(.refused, "“\(endpoint.prefix(200))” is no address of a node"))
    }
    let key = configuration.keyring.flatMap { address.curveKey ?? $0.server }
    let step: Step = state.withLock { state in
      if state.isStopped { return .refuse(RemoteCallError(.unreachable, "this process is leaving the cluster")) }
      if configuration.keyring != nil, key == nil {
        return .refuse(RemoteCallError(.refused, "nobody knows the key of the node at \(endpoint)"))
      }
      if let existing = state.connections.first(where: { $0.value.endpoint == endpoint }) {
        if let peer = existing.value.peer, state.links[peer] != nil { return .known(peer) }
        state.connections[existing.key]?.waiting[number] = continuation
        state.connections[existing.key]?.deadline = max(existing.value.deadline, .now + timeout)
        return .wait
      }
      let index = state.nextConnection
      state.nextConnection += 1
      state.connections[index] = Connection(
        endpoint: endpoint, key: key, waiting: [number: continuation], deadline: .now + timeout)
      state.opening.insert(index)
      return .connect(index)
    }
    switch step {
    case .known(let peer): continuation.resume(returning: peer)
    case .refuse(let error): continuation.resume(throwing: error)
    case .wait: break
    case .connect(let index): loop.submit(.connect(address.with(key: nil).description, key, index))
    }
    loop.notice(.now + timeout)
    if Task.isCancelled { stopWaiting { $0 == number } }
  }

  /// Waits until a node is a member, over a connection that this node makes or one that the other makes to this one: of two
  /// nodes with a wall between them that lets through one way only, one can connect.
  ///
  /// - Parameter endpoint: where it listens.
  /// - Throws: ``RemoteCallError``: `unreachable` with what was tried, or `refused` with the peer's reason.
  public func reach(_ peer: NodeID, at endpoint: String, within timeout: Duration) async throws {
    if state.withLock({ $0.links[peer] != nil }) { return }
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask { [events = events()] in
        for await event in events {
          if case .up(let member) = event, member.node == peer { return }
        }
        throw RemoteCallError(.cancelled, "nobody waits for \(peer.name) any more")
      }
      group.addTask {
        let started = ContinuousClock.now
        let found = try await self.connect(to: endpoint, timeout: timeout)
        guard found != peer else { return }
        // An address may lead elsewhere from here. The other may still come by itself.
        try await Task.sleep(until: started + timeout)
        throw RemoteCallError(
          .unreachable, "\(Address(endpoint)?.with(key: nil).description ?? endpoint) leads to \(found.name) instead")
      }
      try await group.next()
    }
  }

  /// Those who wait for a connection wait no longer; the connection is still made.
  private func stopWaiting(_ isMeant: (UInt64) -> Bool) {
    let stopped = state.withLock { state in
      state.connections.keys.flatMap { index in
        let numbers = state.connections[index]?.waiting.keys.filter(isMeant) ?? []
        return numbers.compactMap { state.connections[index]?.waiting.removeValue(forKey: $0) }
      }
    }
    for waiting in stopped { waiting.resume(throwing: RemoteCallError(.cancelled, "nobody waits for the connection")) }
  }

  // MARK: Actors

  /// Lets other nodes call an actor under a name: the distributed methods of the protocols, and no others.
  ///
  /// The runtime would run any method of any actor for anyone; the table is what keeps callers to what was meant.
  /// - Parameter roles: of those who may call it; nil: every member. Without a keyring everybody has all of them.
  public func export<Act: DistributedActor>(
    _ actor: Act, as name: String, answering protocols: [any Any.Type], to roles: Set<String>? = nil
  ) where Act.ActorSystem == ClusterSystem {
    let targets = TargetTable(protocols)
    let serve: Serve = { [self] request, handler in
      do {
        var decoder = try InvocationDecoder(request, types: types)
        try await executeDistributedTarget(
          on: actor, target: RemoteCallTarget(request.target), invocationDecoder: &decoder, handler: handler)
      } catch {
        handler.fail(error)
      }
    }
    state.withLock { $0.exported[name] = Exported(actor: actor, targets: targets, roles: roles, serve: serve) }
  }

  public func resolve<Act>(id: ActorID, as actorType: Act.Type) throws -> Act?
  where Act: DistributedActor, Act.ID == ActorID {
    guard id.node == node else { return nil }
    guard let actor = state.withLock({ $0.exported[id.name]?.actor }) as? Act else {
      throw RemoteCallError(.refused, "there is no \(actorType) named \(id.name) in this process")
    }
    return actor
  }

  public func assignID<Act>(_ actorType: Act.Type) -> ActorID where Act: DistributedActor, Act.ID == ActorID {
    ActorID(node: node, name: "\(actorType)-\(UInt64.random(in: 0 ... .max))")
  }

  public func actorReady<Act>(_ actor: Act) where Act: DistributedActor, Act.ID == ActorID {}

  public func resignID(_ id: ActorID) {}

  public func makeInvocationEncoder() -> InvocationEncoder { InvocationEncoder() }
}
