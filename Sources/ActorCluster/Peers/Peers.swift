import Foundation
import Logging
import Synchronization
import ZeroMQ

/// The nodes that this one works with: does what the rules say of what happens, and tells everyone who asked.
final class Peers: Sendable {
  typealias Rules = StateMachine<CheckedContinuation<NodeID, any Error>>

  private struct State {
    var rules: Rules
    /// How many connections were asked for.
    var asked: UInt64 = 0
    var observers: [UUID: AsyncStream<MemberEvent>.Continuation] = [:]
  }

  private let state: Mutex<State>
  private let loop: EventLoop
  private let log: Logger
  private let meters: CallMeters?
  private let onLoss: @Sendable (NodeID, RemoteCallError) -> Void

  /// - Parameter onLoss: called for each that is a member no more, with why calls to it fail. It may not ask about peers.
  init(
    _ handshake: Handshake, failureTimeout: Duration, over loop: EventLoop, log: Logger, meters: CallMeters?,
    onLoss: @escaping @Sendable (NodeID, RemoteCallError) -> Void
  ) {
    state = Mutex(State(rules: Rules(handshake, failureTimeout: failureTimeout)))
    self.loop = loop
    self.log = log
    self.meters = meters
    self.onLoss = onLoss
  }

  /// Something happened: what follows is done before anybody sees the peers as they then are, so that a node that is there
  /// for a call has got its welcome.
  func follow(_ transition: (inout Rules) -> [Rules.Action]) {
    let actions = state.withLock { state in
      let actions = transition(&state.rules)
      for action in actions { perform(action, for: state.observers.values) }
      return actions
    }
    for case .warn(let sentence) in actions { log.warning("\(sentence)") }
  }

  private func perform(_ action: Rules.Action, for observers: some Sequence<AsyncStream<MemberEvent>.Continuation>) {
    switch action {
    case .send(let message, let link): loop.submit(.send(Envelope.plain(message), link))
    case .connect(let address, let key, let index): loop.submit(.connect(address, key, index))
    case .disconnect(let index): loop.submit(.disconnect(index))
    case .admit(let descriptor): loop.submit(.admit(descriptor: descriptor))
    case .countStranger: meters?.strangerLeft()
    case .resume(let waiter, let result): waiter.resume(with: result)
    // Where it goes may be slow.
    case .warn: break
    case .announce(let event):
      for observer in observers { observer.yield(event) }
      switch event {
      case .down(let member, let reason):
        onLoss(member.node, RemoteCallError(.unreachable, "\(member.node.name) is down: \(reason)"))
      case .left(let member): onLoss(member.node, RemoteCallError(.unreachable, "\(member.node.name) left the cluster"))
      case .up, .suspect: break
      }
    }
  }

  /// Anything at all arrived over a link. - Returns: from whom, if that is known.
  func heard(over link: Link, at now: ContinuousClock.Instant) -> Caller? {
    var caller: Caller?
    follow { rules in
      let heard = rules.heard(over: link, at: now)
      caller = heard.caller
      return heard.actions
    }
    return caller
  }

  /// The way to a member for a call.
  func link(to node: NodeID) -> Link? { state.withLock { $0.rules.link(to: node) } }

  /// Those that are up or suspect.
  var members: [Member] { state.withLock { Array($0.rules.membership.members.values) } }

  /// One that is up or suspect.
  func member(_ node: NodeID) -> Member? { state.withLock { $0.rules.membership.members[node] } }

  /// Whether this node neither has connections of its own making nor tries to make any.
  var hasNoConnections: Bool { state.withLock { $0.rules.connections.isEmpty } }

  /// When the first connection is given up that leads nowhere.
  var nextDeadline: ContinuousClock.Instant? { state.withLock { $0.rules.nextDeadline } }

  func connect(to endpoint: String, timeout: Duration) async throws -> NodeID {
    let number = state.withLock { state in
      state.asked += 1
      return state.asked
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { waiter in
        let deadline = ContinuousClock.now + timeout
        follow { $0.connectionWanted(to: endpoint, by: waiter, number, until: deadline) }
        loop.notice(deadline)
        if Task.isCancelled { follow { $0.connectionUnwanted(by: number) } }
      }
    } onCancel: {
      follow { $0.connectionUnwanted(by: number) }
    }
  }

  /// What changes from now on, after an `up` for each member that there is.
  func events() -> AsyncStream<MemberEvent> {
    // Not one may be lost: who never hears that a member is gone waits for it. There are a few for each that comes and goes.
    let (stream, continuation) = AsyncStream.makeStream(of: MemberEvent.self)
    let key = UUID()
    state.withLock { state in
      for member in state.rules.membership.members.values { continuation.yield(.up(member)) }
      state.observers[key] = continuation
    }
    continuation.onTermination = { [weak self] _ in _ = self?.state.withLock { $0.observers.removeValue(forKey: key) } }
    return stream
  }

  /// Says goodbye. Nobody is told of changes any more.
  func stop() {
    follow { $0.stopped() }
    let observers = state.withLock { state in
      defer { state.observers = [:] }
      return Array(state.observers.values)
    }
    for observer in observers { observer.finish() }
  }
}
