import Synchronization
import ZeroMQ

/// The calls that this node makes: sends them, and has each end with its reply or with why none came.
final class OutgoingCalls: Sendable {
  typealias Rules = StateMachine<UnsafeContinuation<CallResult, any Error>>

  private let rules: Mutex<Rules>
  private let last = Atomic<UInt64>(0)
  private let loop: EventLoop

  init(atMost most: Int, over loop: EventLoop) {
    rules = Mutex(Rules(atMost: most))
    self.loop = loop
  }

  /// Calls a member, and waits for the reply.
  ///
  /// - Parameter message: what to send as the call of that number.
  /// - Throws: ``RemoteCallError``, if no reply comes.
  func call(
    _ node: NodeID, of peers: Peers, within timeout: Duration, _ message: (_ call: UInt64) -> [Frame]
  ) async throws -> CallResult {
    let call = last.wrappingAdd(1, ordering: .relaxed).newValue
    let frames = message(call)
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { waiter in
        let deadline = ContinuousClock.now + timeout
        if let refusal = rules.withLock({ $0.begun(call, to: node, by: waiter, until: deadline) }) {
          return perform(refusal)
        }
        // It is there before its link is looked up, so that a peer that goes down in between ends it.
        guard let link = peers.link(to: node) else { return perform(rules.withLock { $0.unconnected(call) }) }
        loop.submit(.send(frames, link))
        loop.notice(deadline)
        if Task.isCancelled { cancel(call, of: peers) }
      }
    } onCancel: {
      cancel(call, of: peers)
    }
  }

  private func cancel(_ call: UInt64, of peers: Peers) {
    for action in rules.withLock({ $0.cancelled(call) }) { perform(action, of: peers) }
  }

  func answered(_ reply: CallResult, by node: NodeID) { perform(rules.withLock { $0.answered(reply, by: node) }) }

  /// Ends the calls to a node, or all.
  func lost(_ node: NodeID? = nil, because error: RemoteCallError) {
    for action in rules.withLock({ $0.lost(node, because: error) }) { perform(action) }
  }

  func deadlinesDue(at now: ContinuousClock.Instant) {
    for action in rules.withLock({ $0.deadlinesDue(at: now) }) { perform(action) }
  }

  /// When the first call is late.
  var nextDeadline: ContinuousClock.Instant? { rules.withLock { $0.nextDeadline } }

  /// - Parameter peers: those that know the way to whom a cancellation goes.
  private func perform(_ action: Rules.Action?, of peers: Peers? = nil) {
    switch action {
    case .cancel(let call, let node):
      if let link = peers?.link(to: node) { loop.submit(.send(Envelope.plain(.cancel(call: call)), link)) }
    case .resume(let waiter, let result): waiter.resume(with: result)
    case nil: break
    }
  }
}
