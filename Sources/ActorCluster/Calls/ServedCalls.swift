import Distributed
import Synchronization
import ZeroMQ

/// The calls that others make to actors of this node: serves each in a task of its own, or refuses it.
final class ServedCalls: Sendable {
  typealias Serve = @Sendable (Request, ReplyHandler) async -> Void
  typealias Rules = StateMachine<Callee, Task<Void, Never>>

  struct Callee: Sendable {
    let actor: any DistributedActor
    let serve: Serve
  }

  private let rules: Mutex<Rules>
  private let loop: EventLoop
  private let meters: CallMeters?

  init(_ rules: Rules, over loop: EventLoop, meters: CallMeters?) {
    self.rules = Mutex(rules)
    self.loop = loop
    self.meters = meters
  }

  func export(_ callee: Callee, as name: String, answering targets: TargetTable, to roles: Set<String>?) {
    rules.withLock { $0.exported(callee, as: name, answering: targets, to: roles) }
  }

  func actor(named name: String) -> (any DistributedActor)? { rules.withLock { $0.callee(named: name)?.actor } }

  func requested(_ request: Request, of caller: Caller, over link: Link, at now: ContinuousClock.Instant) {
    let call = Call(caller: caller.node, number: request.call)
    let handler = ReplyHandler(call: request.call) { [loop] frames in loop.submit(.send(frames, link)) }
    switch rules.withLock({ $0.requested(request, of: caller, at: now) }) {
    case .success(let callee):
      // Not under the lock: starting a task wakes a thread, and that thread would then wait for the lock.
      let task = Task { [self] in
        await callee.serve(request, handler)
        rules.withLock { $0.ended(call) }
      }
      rules.withLock { $0.started(task, as: call) }?.cancel()
    case .failure(let error):
      meters?.refused()
      handler.fail(error)
    }
  }

  func cancelled(_ number: UInt64, of caller: Caller) {
    rules.withLock { $0.cancelled(Call(caller: caller.node, number: number)) }?.cancel()
  }

  func lost(_ node: NodeID) { rules.withLock { $0.lost(node) } }

  /// Nothing can be called any more, and what runs is cancelled.
  func stop() {
    for task in rules.withLock({ $0.stopped() }) { task.cancel() }
  }
}
