import Descriptors
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
    var observers: [UUID: Observer] = [:]
    /// What is to be told, to those who listened when it happened.
    var untold: [(action: Rules.Action, observers: [Observer])] = []
    /// Whether somebody is just telling it.
    var isTelling = false
  }

  private typealias Observer = AsyncStream<MemberEvent>.Continuation

  private let state: Mutex<State>
  private let loop: EventLoop
  private let log: Logger
  private let meters: CallMeters?
  private let onLoss: @Sendable (NodeID, RemoteCallError) -> Void

  /// - Parameter onLoss: called for each that is a member no more, with why calls to it fail.
  init(
    _ handshake: Handshake, failureTimeout: Duration, over loop: EventLoop, log: Logger, meters: CallMeters?,
    onLoss: @escaping @Sendable (NodeID, RemoteCallError) -> Void
  ) {
    state = Mutex(
      State(rules: Rules(handshake, failureTimeout: failureTimeout, room: DescriptorLimit.present.members)))
    self.loop = loop
    self.log = log
    self.meters = meters
    self.onLoss = onLoss
  }

  /// Something happened. What goes to sockets is on its way before anybody sees the peers as they then are, so that a node
  /// that is there for a call has got its welcome; what people wait for they are told in the order in which it happened.
  func follow(_ transition: (inout Rules) -> [Rules.Action]) {
    let isMine = state.withLock { state in
      for action in transition(&state.rules) where !submit(action) {
        state.untold.append((action, Array(state.observers.values)))
      }
      defer { state.isTelling = state.isTelling || !state.untold.isEmpty }
      return !state.isTelling && !state.untold.isEmpty
    }
    if isMine { tell() }
  }

  /// Not under the lock: who is cancelled while told of something holds another lock, and asks for this one.
  private func tell() {
    while true {
      let untold = state.withLock { state in
        defer { state.untold = [] }
        state.isTelling = !state.untold.isEmpty
        return state.untold
      }
      guard !untold.isEmpty else { return }
      for (action, observers) in untold { perform(action, for: observers) }
    }
  }

  /// - Returns: whether that was all.
  private func submit(_ action: Rules.Action) -> Bool {
    switch action {
    case .send(let message, let link): loop.submit(.send(Envelope.plain(message), link))
    case .connect(let address, let key, let index): loop.submit(.connect(address, key, index))
    case .disconnect(let index): loop.submit(.disconnect(index))
    case .admit(let descriptor): loop.submit(.admit(descriptor: descriptor))
    case .dismiss(let descriptor): loop.submit(.dismiss(descriptor: descriptor))
    case .countStranger: meters?.strangerLeft()
    case .resume, .warn, .announce: return false
    }
    return true
  }

  private func perform(_ action: Rules.Action, for observers: [Observer]) {
    switch action {
    case .send, .connect, .disconnect, .admit, .dismiss, .countStranger: break
    case .resume(let waiter, let result): waiter.resume(with: result)
    case .warn(let sentence): log.warning("\(sentence)")
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
