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
    /// Calls under way at most, made and served.
    public var mostCalls = 4096
    /// Types that a generic call may name, and errors that cross as themselves.
    public var types: [any Any.Type] = []

    public init(name: String, role: String, bind: String? = nil) {
      self.name = name
      self.role = role
      self.bind = bind
    }
  }

  typealias Serve = @Sendable (Request, ReplyHandler) async -> Void

  private struct Exported: Sendable {
    let actor: any DistributedActor
    let targets: TargetTable
    let serve: Serve
  }

  private struct Pending {
    let node: NodeID
    let deadline: ContinuousClock.Instant
    let continuation: UnsafeContinuation<Reply, any Error>
  }

  /// Names a call that is being served: who made it, and its number there.
  private struct Served: Hashable {
    let caller: NodeID
    let call: UInt64
  }

  private struct Connection {
    let endpoint: String
    var peer: NodeID?
    var waiting: CheckedContinuation<NodeID, any Error>?
    var deadline: ContinuousClock.Instant
  }

  private struct State {
    var membership: Membership
    var links: [NodeID: Link] = [:]
    var identities: [String: NodeID] = [:]
    var descriptors: [Int32: NodeID] = [:]
    var connections: [Int: Connection] = [:]
    var nextConnection = 0
    var exported: [String: Exported] = [:]
    var pending: [UInt64: Pending] = [:]
    /// Calls being served; nil while their task is being made.
    var serving: [Served: Task<Void, Never>?] = [:]
    var nextCall: UInt64 = 1
    var observers: [UUID: AsyncStream<MemberEvent>.Continuation] = [:]
    var isStopped = false
  }

  public let node: NodeID
  private let configuration: Configuration
  private let types: TypeTable
  private let loop: EventLoop
  private let state: Mutex<State>
  private let hello: Hello
  private let log: Logger
  private let malformed = Mutex((count: 0, reported: ContinuousClock.now - .seconds(60)))
  private let ended = AsyncStream.makeStream(of: Never.self)

  /// Starts a node. It runs until ``shutdown()``.
  ///
  /// - Throws: ``ZeroMQError`` if the address can't be bound.
  public init(_ configuration: Configuration, log: Logger = Logger(label: "cluster")) throws {
    node = NodeID(name: configuration.name)
    self.configuration = configuration
    self.log = log
    types = TypeTable(configuration.types + [RemoteCallError.self])
    state = Mutex(State(membership: Membership(failureTimeout: configuration.failureTimeout)))
    loop = try EventLoop(
      Sockets.Configuration(
        routingID: node.description, largestFrame: configuration.largestFrame, heartbeat: configuration.heartbeat,
        failureTimeout: configuration.failureTimeout),
      binding: configuration.bind)
    hello = Hello(
      node: node, endpoint: loop.endpoint, fingerprint: configuration.fingerprint, role: configuration.role,
      host: ProcessInfo.processInfo.hostName, processID: ProcessInfo.processInfo.processIdentifier)
    let ended = ended.continuation
    loop.start(for: self, onEnd: { ended.finish() })
  }

  /// Where this node listens, with its port; empty if nowhere.
  public var endpoint: String { hello.endpoint }

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
    failCalls { _ in RemoteCallError(.unreachable, "this process is leaving the cluster") }
    for observer in observers { observer.finish() }
    loop.stop()
    for await _ in ended.stream {}
  }

  // MARK: Members

  /// The members that are up or suspect.
  public var members: [Member] { state.withLock { Array($0.membership.members.values) } }

  /// What changes among the members from now on, after an `up` for each member that there is.
  public func events() -> AsyncStream<MemberEvent> {
    let (stream, continuation) = AsyncStream.makeStream(of: MemberEvent.self, bufferingPolicy: .bufferingNewest(4096))
    let key = UUID()
    state.withLock { state in
      for member in state.membership.members.values { continuation.yield(.up(member)) }
      state.observers[key] = continuation
    }
    continuation.onTermination = { [weak self] _ in _ = self?.state.withLock { $0.observers.removeValue(forKey: key) } }
    return stream
  }

  /// Connects to the node that listens at an address, and stays connected, also if that node is started anew.
  ///
  /// - Returns: the node, which is then a member.
  /// - Throws: ``RemoteCallError``: `refused` with the peer's reason, or `unreachable` if nothing answers in time.
  public func connect(to endpoint: String, timeout: Duration = .seconds(5)) async throws -> NodeID {
    try await withUnsafeConnection(to: endpoint, timeout: timeout)
  }

  private func withUnsafeConnection(to endpoint: String, timeout: Duration) async throws -> NodeID {
    try await withCheckedThrowingContinuation { continuation in
      enum Step { case known(NodeID), connect(Int), refuse(RemoteCallError) }
      let step: Step = state.withLock { state in
        if state.isStopped { return .refuse(RemoteCallError(.unreachable, "this process is leaving the cluster")) }
        if let existing = state.connections.first(where: { $0.value.endpoint == endpoint }) {
          if let peer = existing.value.peer, state.links[peer] != nil { return .known(peer) }
          if existing.value.waiting != nil {
            return .refuse(RemoteCallError(.overloaded, "a connection to \(endpoint) is already being made"))
          }
          state.connections[existing.key]?.waiting = continuation
          state.connections[existing.key]?.deadline = .now + timeout
          return .connect(-1)
        }
        let index = state.nextConnection
        state.nextConnection += 1
        state.connections[index] = Connection(endpoint: endpoint, waiting: continuation, deadline: .now + timeout)
        return .connect(index)
      }
      switch step {
      case .known(let peer): continuation.resume(returning: peer)
      case .refuse(let error): continuation.resume(throwing: error)
      case .connect(let index): if index >= 0 { loop.submit(.connect(endpoint, index)) }
      }
    }
  }

  // MARK: Actors

  /// Lets other nodes call an actor under a name: the distributed methods of the protocols, and no others.
  ///
  /// The runtime would run any method of any actor for anyone; the table is what keeps callers to what was meant.
  public func export<Act: DistributedActor>(_ actor: Act, as name: String, answering protocols: [any Any.Type])
  where Act.ActorSystem == ClusterSystem {
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
    state.withLock { $0.exported[name] = Exported(actor: actor, targets: targets, serve: serve) }
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

  // MARK: Calls

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

  private func call(_ id: ActorID, _ target: RemoteCallTarget, _ invocation: InvocationEncoder) async throws -> Reply {
    let timeout = RemoteCall.deadline ?? configuration.callTimeout
    let number = state.withLock { state in
      defer { state.nextCall += 1 }
      return state.nextCall
    }
    let frames = Envelope.request(Request(call: number, actor: id.name, target: target.identifier), invocation)
    let reply = try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Reply, any Error>) in
        // The continuation is there before the peer is looked up, so that a peer that goes down in between ends it.
        let link: Result<Link, RemoteCallError> = state.withLock { state in
          guard state.pending.count < configuration.mostCalls else {
            return .failure(RemoteCallError(.overloaded, "\(configuration.mostCalls) calls are already under way"))
          }
          state.pending[number] = Pending(node: id.node, deadline: .now + timeout, continuation: continuation)
          guard let link = state.links[id.node], !state.isStopped else {
            state.pending[number] = nil
            return .failure(RemoteCallError(.unreachable, "\(id.node.name) is not connected"))
          }
          return .success(link)
        }
        switch link {
        case .success(let link):
          loop.submit(.send(frames, link))
          if Task.isCancelled { cancel(number) }
        case .failure(let error): continuation.resume(throwing: error)
        }
      }
    } onCancel: {
      cancel(number)
    }
    if reply.failed { throw try error(in: reply) }
    return reply
  }

  private func cancel(_ number: UInt64) {
    guard
      let (pending, link) = state.withLock({ state in
        state.pending.removeValue(forKey: number).map { ($0, state.links[$0.node]) }
      })
    else { return }
    if let link { loop.submit(.send(Envelope.plain(.cancel(call: number)), link)) }
    pending.continuation.resume(throwing: RemoteCallError(.cancelled, "the call was cancelled"))
  }

  private func failCalls(to node: NodeID? = nil, with error: (NodeID) -> RemoteCallError) {
    let failed = state.withLock { state in
      let numbers = state.pending.filter { node == nil || $0.value.node == node }.keys
      return numbers.compactMap { state.pending.removeValue(forKey: $0) }
    }
    for pending in failed { pending.continuation.resume(throwing: error(pending.node)) }
  }

  private func error(in reply: Reply) throws -> any Error {
    var body = reply.body
    let name = try body.string()
    let text = try body.string()
    if !body.isAtEnd, let type = types.error(named: name),
      let error = try? WireDecoder.decode(type, from: &body, reply.frames[0], reply.frames.dropFirst())
    {
      return error
    }
    return RemoteCallError(.failed, text)
  }
}

// MARK: - What the event loop reports

extension ClusterSystem: EventLoopDelegate {
  var isWaiting: Bool { state.withLock { !$0.pending.isEmpty || $0.connections.values.contains { $0.waiting != nil } } }

  func happened(_ event: SocketEvent) {
    switch event {
    case .received(let message, let link, let descriptor): received(message, over: link, descriptor: descriptor)
    case .established(let index): sayHello(over: index)
    case .lost(let index): lost { $0.connections[index]?.peer }
    case .closed(let descriptor): lost { $0.descriptors.removeValue(forKey: descriptor) }
    }
  }

  private func sayHello(over index: Int) {
    loop.submit(.send(Envelope.plain(.hello(hello)), .outgoing(index)))
  }

  private func lost(_ peer: (inout State) -> NodeID?) {
    announce { state in peer(&state).map { state.membership.connectionLost($0) } ?? [] }
  }

  func heartbeatDue(at now: ContinuousClock.Instant) {
    announce { $0.membership.ticked(at: now) }
    for link in state.withLock({ Array($0.links.values) }) { loop.submit(.send(Envelope.plain(.heartbeat), link)) }
  }

  func deadlinesDue(at now: ContinuousClock.Instant) {
    let (late, silent) = state.withLock { state in
      let late = state.pending.filter { $0.value.deadline <= now }
      for number in late.keys { state.pending[number] = nil }
      let silent = state.connections.filter { $0.value.waiting != nil && $0.value.deadline <= now }
      for index in silent.keys { state.connections[index] = nil }
      return (late, silent)
    }
    for pending in late.values {
      pending.continuation.resume(
        throwing: RemoteCallError(.timeout, "\(pending.node.name) did not answer before the call's deadline"))
    }
    for (index, connection) in silent {
      loop.submit(.disconnect(index))
      connection.waiting?.resume(
        throwing: RemoteCallError(.unreachable, "nothing answered at \(connection.endpoint)"))
    }
  }

  private func received(_ message: [Frame], over link: Link, descriptor: Int32) {
    do {
      switch try Envelope(message) {
      case .hello(let hello): welcome(hello, over: link, descriptor: descriptor)
      case .welcome(let hello): joined(hello, over: link)
      case .refusal(let sentence): refused(sentence, over: link)
      case .identify: loop.submit(.send(Envelope.plain(.hello(hello)), link))
      case .heartbeat: _ = peer(of: link)
      case .goodbye: if let peer = peer(of: link) { announce { $0.membership.saidGoodbye(peer) } }
      case .cancel(let call):
        if let peer = peer(of: link) {
          (state.withLock { $0.serving[Served(caller: peer, call: call)] } ?? nil)?.cancel()
        }
      case .request(let request):
        if let peer = peer(of: link) {
          serve(request, of: peer, over: link)
        } else {
          let error = RemoteCallError(.unreachable, "\(configuration.name) does not know the caller (any more)")
          loop.submit(.send(Envelope.failure(error, call: request.call), link))
        }
      case .reply(let reply):
        _ = peer(of: link)
        state.withLock { $0.pending.removeValue(forKey: reply.call) }?.continuation.resume(returning: reply)
      }
    } catch {
      if error.reason == .refused {
        loop.submit(.send(Envelope.plain(.refusal("\(configuration.name) refuses \(error)")), link))
      }
      reportMalformed(error)
    }
  }

  /// Who is at the other end, now heard of; nil, and asked to say hello, if that is not known.
  private func peer(of link: Link) -> NodeID? {
    var peer: NodeID?
    announce { state in
      peer =
        switch link {
        case .incoming(let identity): state.identities[identity.text]
        case .outgoing(let index): state.connections[index]?.peer.flatMap { state.links[$0] == nil ? nil : $0 }
        }
      return peer.map { state.membership.heard(from: $0, at: .now) } ?? []
    }
    if peer == nil {
      switch link {
      case .incoming: loop.submit(.send(Envelope.plain(.identify), link))
      case .outgoing(let index): sayHello(over: index)
      }
    }
    return peer
  }

  private func welcome(_ hello: Hello, over link: Link, descriptor: Int32) {
    guard case .incoming(let identity) = link, identity.text == hello.node.description else { return }
    let mine = self.hello
    guard hello.fingerprint == mine.fingerprint else {
      let sentence =
        "\(mine.node.name) is of the build \(mine.fingerprint) and refuses \(hello.node.name), "
        + "which is of the build \(hello.fingerprint): start both from the same build"
      log.warning("\(sentence)")
      loop.submit(.send(Envelope.plain(.refusal(sentence)), link))
      return
    }
    // The welcome goes first: whoever hears that the node is up may call it at once.
    loop.submit(.send(Envelope.plain(.welcome(mine)), link))
    announce { state in
      state.links[hello.node] = link
      state.identities[identity.text] = hello.node
      if descriptor >= 0 { state.descriptors[descriptor] = hello.node }
      return state.membership.greeted(hello, at: .now)
    }
  }

  private func joined(_ hello: Hello, over link: Link) {
    guard case .outgoing(let index) = link else { return }
    var waiting: CheckedContinuation<NodeID, any Error>?
    announce { state in
      let predecessor = state.connections[index]?.peer
      waiting = state.connections[index]?.waiting
      state.connections[index]?.waiting = nil
      state.connections[index]?.peer = hello.node
      let gone =
        predecessor.flatMap { $0 == hello.node ? nil : $0 }
        .map { state.membership.connectionLost($0, reason: "it was started anew") } ?? []
      state.links[hello.node] = link
      return gone + state.membership.greeted(hello, at: .now)
    }
    waiting?.resume(returning: hello.node)
  }

  private func refused(_ sentence: String, over link: Link) {
    guard case .outgoing(let index) = link else { return }
    log.warning("\(sentence)")
    let connection = state.withLock { $0.connections.removeValue(forKey: index) }
    loop.submit(.disconnect(index))
    connection?.waiting?.resume(throwing: RemoteCallError(.refused, sentence))
  }

  private func serve(_ request: Request, of caller: NodeID, over link: Link) {
    let key = Served(caller: caller, call: request.call)
    let handler = ReplyHandler(call: request.call) { [loop] frames in loop.submit(.send(frames, link)) }
    let admitted: Result<Exported, RemoteCallError> = state.withLock { state in
      guard let exported = state.exported[request.actor] else {
        return .failure(
          RemoteCallError(.refused, "\(configuration.name) has no actor named “\(request.actor.prefix(80))”"))
      }
      guard exported.targets.contains(request.target) else {
        return .failure(
          RemoteCallError(
            .refused, "\(request.actor) of \(configuration.name) has no such method “\(request.target.prefix(200))”"))
      }
      guard state.serving.count < configuration.mostCalls else {
        return .failure(
          RemoteCallError(.overloaded, "\(configuration.name) already serves \(configuration.mostCalls) calls"))
      }
      state.serving[key] = .some(nil)
      return .success(exported)
    }
    switch admitted {
    case .failure(let error): handler.fail(error)
    case .success(let exported):
      // Not under the lock: starting a task wakes a thread, and that thread would then wait for the lock.
      let task = Task { [self] in
        await exported.serve(request, handler)
        _ = state.withLock { $0.serving.removeValue(forKey: key) }
      }
      let isStopped = state.withLock { state in
        if state.serving[key] != nil { state.serving[key] = task }
        return state.isStopped
      }
      if isStopped { task.cancel() }
    }
  }

  /// Changes the membership, and tells everyone what follows from it.
  private func announce(_ change: (inout State) -> [MemberEvent]) {
    let (events, observers) = state.withLock { state in
      let events = change(&state)
      for event in events {
        switch event {
        case .down(let member, _), .left(let member):
          state.links[member.node] = nil
          state.identities[member.node.description] = nil
        case .up, .suspect: break
        }
      }
      return (events, events.isEmpty ? [] : Array(state.observers.values))
    }
    for event in events {
      for observer in observers { observer.yield(event) }
      switch event {
      case .down(let member, let reason):
        failCalls(to: member.node) { RemoteCallError(.unreachable, "\($0.name) is down: \(reason)") }
      case .left(let member):
        failCalls(to: member.node) { RemoteCallError(.unreachable, "\($0.name) left the cluster") }
      case .up, .suspect: break
      }
    }
  }

  /// Counts what could not be read, and says so once in ten seconds at most.
  private func reportMalformed(_ error: RemoteCallError) {
    let count: Int? = malformed.withLock { malformed in
      malformed.count += 1
      guard malformed.reported.duration(to: .now) >= .seconds(10) else { return nil }
      malformed.reported = .now
      return malformed.count
    }
    if let count { log.warning("dropped a message: \(error) (\(count) so far)") }
  }
}

extension Frame {
  fileprivate var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
