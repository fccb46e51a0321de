import Foundation
import Synchronization
import ZeroMQ

/// A way to a peer: by the connection that it made, under its routing identity, or by one that this node made.
enum Link: Sendable {
  case incoming(identity: Frame)
  case outgoing(Int)
}

/// What the event loop reports, on its own thread.
protocol EventLoopDelegate: AnyObject, Sendable {
  func received(_ message: [Frame], over link: Link, descriptor: Int32)
  func established(outgoing: Int)
  func lost(outgoing: Int)
  func lost(descriptor: Int32)
  /// It is time for a sign of life.
  func heartbeatDue(at now: ContinuousClock.Instant)
  /// Called every few milliseconds while `isWaiting` is true.
  func deadlinesDue(at now: ContinuousClock.Instant)
  /// Whether anything has a deadline.
  var isWaiting: Bool { get }
}

/// The one thread that owns a node's sockets. Other threads hand it commands through a queue and wake it.
///
/// The sockets are local variables of the thread's main function, so nothing else can reach them.
final class EventLoop: Sendable {
  enum Command: Sendable {
    case send([Frame], Link)
    case connect(String, Int)
    case disconnect(Int)
    case stop
  }

  struct Configuration: Sendable {
    var routingID: String
    var largestFrame: Int
    var heartbeat: Duration
    var failureTimeout: Duration
  }

  private struct Queue: Sendable {
    var commands: [Command] = []
    var isSignalled = false
    var isStopped = false
  }

  private let configuration: Configuration
  private let queue = Mutex(Queue())
  private let wake: Wakeup
  private let context: ZeroMQContext

  init(_ configuration: Configuration) throws {
    self.configuration = configuration
    context = try ZeroMQContext()
    wake = try Wakeup()
  }

  /// Hands a command over; it is dropped when the loop has stopped.
  func submit(_ command: Command) {
    let mustWake = queue.withLock { queue in
      guard !queue.isStopped else { return false }
      queue.commands.append(command)
      defer { queue.isSignalled = true }
      return !queue.isSignalled
    }
    if mustWake { wake.signal() }
  }

  /// Binds, if there is something to bind, and starts the thread. - Returns: the bound address.
  func start(binding bind: String?, for delegate: any EventLoopDelegate, onEnd: @escaping @Sendable () -> Void) throws
    -> String
  {
    let bound = Mutex<Result<String, any Error>?>(nil)
    let ready = DispatchSemaphore(value: 0)
    let thread = Thread { [self] in
      do {
        let router = try bind.map { endpoint in
          let router = try makeSocket(.router)
          try router.routeStrictly()
          let address = try router.bind(endpoint)
          bound.withLock { $0 = .success(address) }
          return router
        }
        if router == nil { bound.withLock { $0 = .success("") } }
        ready.signal()
        run(router, delegate)
      } catch {
        bound.withLock { $0 = .failure(error) }
        ready.signal()
      }
      onEnd()
    }
    thread.name = "cluster"
    thread.start()
    ready.wait()
    return try bound.withLock { try $0?.get() ?? "" }
  }

  private func makeSocket(_ kind: Socket.Kind) throws -> Socket {
    let socket = try Socket(kind, in: context)
    try socket.setRoutingID(configuration.routingID)
    try socket.configure(
      largest: Int64(configuration.largestFrame), queued: Self.queuedMessages,
      heartbeat: Int32(configuration.heartbeat.milliseconds), timeout: Int32(configuration.failureTimeout.milliseconds))
    return socket
  }

  /// Messages that libzmq keeps for one peer; more wait here, bounded by the calls under way.
  private static let queuedMessages: Int32 = 10_000
  private static let batch = 64

  // MARK: On the thread

  /// A connection that this node made.
  private struct Outgoing {
    let socket: Socket
    let monitor: Socket
    var backlog: [[Frame]] = []
  }

  private func run(_ router: Socket?, _ delegate: any EventLoopDelegate) {
    var outgoing: [Int: Outgoing] = [:]
    let monitor = try? router?.monitor(named: "router")
    var nextTick = ContinuousClock.now + configuration.heartbeat
    var nextDeadlines = ContinuousClock.now
    var isGoing = true
    while isGoing {
      var isBusy = false
      for command in takeCommands() {
        isBusy = true
        if case .stop = command {
          isGoing = false
        } else {
          perform(command, router, &outgoing)
        }
      }
      if let router {
        isBusy = receive(from: router, delegate) || isBusy
        while let event = try? monitor?.receiveEvent() {
          if case .lost(let descriptor) = event { delegate.lost(descriptor: descriptor) }
        }
      }
      for index in outgoing.keys {
        isBusy = receive(from: index, &outgoing, delegate) || isBusy
      }
      let now = ContinuousClock.now
      if now >= nextTick {
        delegate.heartbeatDue(at: now)
        nextTick = now + configuration.heartbeat
      }
      if now >= nextDeadlines, delegate.isWaiting {
        delegate.deadlinesDue(at: now)
        nextDeadlines = now + .milliseconds(Self.resolution)
      }
      if isBusy || !isGoing { continue }
      // No command may be left when the thread goes to sleep without having been signalled.
      let isQueueEmpty = queue.withLock { queue in
        if queue.commands.isEmpty { queue.isSignalled = false }
        return queue.commands.isEmpty
      }
      if isQueueEmpty { sleep(until: nextTick, router, monitor, outgoing, delegate) }
    }
    queue.withLock { $0.isStopped = true }
  }

  private func takeCommands() -> [Command] {
    queue.withLock { queue in
      var commands: [Command] = []
      swap(&commands, &queue.commands)
      return commands
    }
  }

  private func perform(_ command: Command, _ router: Socket?, _ outgoing: inout [Int: Outgoing]) {
    switch command {
    case .send(let frames, .incoming(let identity)):
      // A peer that is gone, or that stopped reading, is found by its silence.
      _ = try? router?.send([identity] + frames)
    case .send(let frames, .outgoing(let index)):
      outgoing[index]?.backlog.append(frames)
      flush(index, &outgoing)
    case .connect(let endpoint, let index):
      guard let socket = try? makeSocket(.dealer), (try? socket.queueOnlyForConnected()) != nil,
        let monitor = try? socket.monitor(named: "dealer-\(index)"), (try? socket.connect(endpoint)) != nil
      else { return }
      outgoing[index] = Outgoing(socket: socket, monitor: monitor)
    case .disconnect(let index): outgoing[index] = nil
    case .stop: break
    }
  }

  /// Sends what waits for a connection, as far as it takes it.
  private func flush(_ index: Int, _ outgoing: inout [Int: Outgoing]) {
    guard var connection = outgoing[index], !connection.backlog.isEmpty else { return }
    outgoing[index]?.backlog = []
    var sent = 0
    for frames in connection.backlog {
      guard (try? connection.socket.send(frames)) == .accepted else { break }
      sent += 1
    }
    connection.backlog.removeFirst(sent)
    outgoing[index]?.backlog = connection.backlog
  }

  private func receive(from router: Socket, _ delegate: any EventLoopDelegate) -> Bool {
    for count in 0..<Self.batch {
      guard let message = try? router.receive() else { return count > 0 }
      guard message.count >= 2 else { continue }
      delegate.received(
        Array(message.dropFirst()), over: .incoming(identity: message[0]), descriptor: message[1].source)
    }
    return true
  }

  private func receive(from index: Int, _ outgoing: inout [Int: Outgoing], _ delegate: any EventLoopDelegate) -> Bool {
    guard let connection = outgoing[index] else { return false }
    while let event = try? connection.monitor.receiveEvent() {
      switch event {
      case .established: delegate.established(outgoing: index)
      case .lost:
        // What was not sent was meant for a connection that is no more.
        outgoing[index]?.backlog = []
        delegate.lost(outgoing: index)
      }
    }
    if !connection.backlog.isEmpty { flush(index, &outgoing) }
    for count in 0..<Self.batch {
      guard let message = try? connection.socket.receive() else { return count > 0 }
      delegate.received(message, over: .outgoing(index), descriptor: -1)
    }
    return true
  }

  private func sleep(
    until tick: ContinuousClock.Instant, _ router: Socket?, _ monitor: Socket?, _ outgoing: [Int: Outgoing],
    _ delegate: any EventLoopDelegate
  ) {
    var sockets = [router, monitor].compactMap(\.self)
    for connection in outgoing.values { sockets += [connection.socket, connection.monitor] }
    // The descriptors are edge-triggered: whatever is ready now would not wake the poll.
    if sockets.contains(where: { $0.readiness.contains(.input) }) { return }
    var descriptors = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    descriptors.append(pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0))
    let untilTick = max(0, ContinuousClock.now.duration(to: tick).milliseconds + 1)
    let most = delegate.isWaiting ? min(untilTick, Self.resolution) : untilTick
    let hasBacklog = outgoing.values.contains { !$0.backlog.isEmpty }
    poll(&descriptors, nfds_t(descriptors.count), Int32(hasBacklog ? 1 : most))
    wake.clear()
  }

  /// Milliseconds within which a deadline is noticed.
  private static let resolution = 10
}

extension Duration {
  var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
