import Foundation
import Synchronization
import ZeroMQ

/// What the event loop reports, on its own thread.
protocol EventLoopDelegate: AnyObject, Sendable {
  func happened(_ event: SocketEvent)
  /// It is time for a sign of life.
  func heartbeatDue(at now: ContinuousClock.Instant)
  /// When something is to end by itself that has not ended before; nil: nothing is.
  var nextDeadline: ContinuousClock.Instant? { get }
  /// `nextDeadline` is over.
  func deadlinesDue(at now: ContinuousClock.Instant)
}

/// The thread that waits for a node's sockets.
///
/// Commands to them go through a queue. Whoever adds one while the thread sleeps carries it out himself, which spares
/// waking the thread: two of the ten such hops of a call.
final class EventLoop: Sendable {
  private struct Queue: Sendable {
    var commands: [Sockets.Command] = []
    var isAsleep = false
    /// When it wakes at the latest, asleep.
    var wakes = ContinuousClock.now
    var isStopped = false
  }

  /// Where the node listens.
  let endpoint: String
  private let heartbeat: Duration
  private let sockets: Mutex<Sockets>
  private let queue = Mutex(Queue())
  private let wake: Wakeup

  /// Messages taken from a socket before others get their turn.
  private static let batch = 64

  /// - Throws: ``ZeroMQError`` if the address can't be bound.
  init(_ configuration: Sockets.Configuration, binding bind: String?) throws {
    let sockets = try Sockets(configuration, binding: bind)
    endpoint = sockets.endpoint
    self.sockets = Mutex(sockets)
    heartbeat = configuration.heartbeat
    wake = try Wakeup()
  }

  /// Has a command carried out; it is dropped when the loop has stopped.
  func submit(_ command: Sockets.Command) {
    let isAsleep = queue.withLock { queue in
      if !queue.isStopped { queue.commands.append(command) }
      return queue.isAsleep
    }
    guard isAsleep else { return }
    // Sending may use up the edge by which the thread would have noticed that something arrived; and it does not watch
    // sockets that were not there when it went to sleep.
    let mustWake = sockets.withLockIfAvailable { sockets in
      var mustWake = false
      for command in takeCommands() {
        let socket = sockets.perform(command)
        if command.changesSockets || socket?.readiness.contains(.input) == true { mustWake = true }
      }
      return mustWake || sockets.hasBacklog
    }
    if mustWake ?? true { wake.signal() }
  }

  /// Has a deadline noticed that has just been set: the thread may sleep for longer.
  func notice(_ deadline: ContinuousClock.Instant) {
    let isEarly = queue.withLock { $0.isAsleep && deadline < $0.wakes }
    if isEarly { wake.signal() }
  }

  /// Ends the thread, after what was submitted before.
  func stop() {
    queue.withLock { $0.isStopped = true }
    wake.signal()
  }

  func start(for delegate: any EventLoopDelegate, onEnd: @escaping @Sendable () -> Void) {
    let thread = Thread { [self] in
      run(delegate)
      sockets.withLock { $0.close() }
      onEnd()
    }
    thread.name = "cluster"
    thread.start()
  }

  private func run(_ delegate: any EventLoopDelegate) {
    var nextTick = ContinuousClock.now + heartbeat
    while true {
      let isStopped = queue.withLock { queue in
        queue.isAsleep = false
        return queue.isStopped
      }
      let events = sockets.withLock { sockets in
        for command in takeCommands() { sockets.perform(command) }
        return isStopped ? [] : sockets.receive(atMost: Self.batch)
      }
      if isStopped { return }
      for event in events { delegate.happened(event) }
      let now = ContinuousClock.now
      if now >= nextTick {
        delegate.heartbeatDue(at: now)
        nextTick = now + heartbeat
      }
      if let deadline = delegate.nextDeadline, deadline <= now { delegate.deadlinesDue(at: now) }
      if events.isEmpty { sleep(until: nextTick, delegate) }
    }
  }

  private func takeCommands() -> [Sockets.Command] {
    queue.withLock { queue in
      var commands: [Sockets.Command] = []
      swap(&commands, &queue.commands)
      return commands
    }
  }

  private func sleep(until tick: ContinuousClock.Instant, _ delegate: any EventLoopDelegate) {
    let mayPoll = queue.withLock { queue in
      queue.isAsleep = queue.commands.isEmpty && !queue.isStopped
      queue.wakes = tick
      return queue.isAsleep
    }
    guard mayPoll else { return }
    // Asked for when whoever sets an earlier one knows that it has to be noticed.
    let wakes = min(tick, delegate.nextDeadline ?? tick)
    queue.withLock { $0.wakes = wakes }
    let (watched, isReady, hasBacklog) = sockets.withLock { ($0.descriptors, $0.hasInput, $0.hasBacklog) }
    if isReady { return }
    var descriptors = (watched + [wake.descriptor]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let patience = hasBacklog ? 1 : max(0, ContinuousClock.now.duration(to: wakes).milliseconds + 1)
    poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: patience))
    wake.clear()
  }
}

extension Duration {
  var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
