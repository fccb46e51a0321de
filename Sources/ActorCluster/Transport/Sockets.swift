import Descriptors
import ZeroMQ

/// A node's sockets: the one that listens, and one for each connection that the node made.
///
/// Not `Sendable`, as sockets are not: the ``EventLoop`` keeps them in a mutex, and the compiler sees to it that only
/// who holds it gets at them.
struct Sockets {
  struct Configuration: Sendable {
    var routingID: String
    /// Bytes of a frame.
    var largestFrame: Int
    var heartbeat: Duration
    var failureTimeout: Duration
    var meters: CallMeters?
    /// nil: anybody may connect.
    var keyring: Keyring?
  }

  enum Command: Sendable {
    case send([Frame], Link)
    /// To an address, whose node has that key if this one has keys.
    case connect(String, CurveKey?, Int)
    case disconnect(Int)
    /// Who came in over a descriptor is known.
    case admit(descriptor: Int32)
    /// Who came in over it is not known any more.
    case dismiss(descriptor: Int32)

    /// Whether there are other sockets afterwards.
    var changesSockets: Bool {
      switch self {
      case .send, .admit, .dismiss: false
      case .connect, .disconnect: true
      }
    }
  }

  /// A connection that this node made.
  private struct Outgoing {
    let socket: Socket
    let monitor: Socket
    var backlog: [[Frame]] = []
  }

  /// Messages that libzmq keeps for one peer; more wait in the backlog, bounded by the calls under way.
  private static let queuedMessages: Int32 = 10_000

  /// Where the node listens, its port filled in; empty if nowhere.
  let endpoint: String
  private let configuration: Configuration
  private let context: ZeroMQContext
  private var doorkeeper: Doorkeeper?
  private var router: Socket?
  private var monitor: Socket?
  private var entrance = Entrance(room: DescriptorLimit.present.strangers)
  private var outgoing: [Int: Outgoing] = [:]
  /// What was found while commands were carried out.
  private var found: [SocketEvent] = []

  /// - Throws: ``ZeroMQError`` if the address can't be bound.
  init(_ configuration: Configuration, binding bind: String?) throws {
    self.configuration = configuration
    context = try ZeroMQContext()
    guard let bind else {
      endpoint = ""
      return
    }
    let router = try Self.makeSocket(.router, configuration, context)
    try router.routeStrictly()
    if let keyring = configuration.keyring {
      doorkeeper = try Doorkeeper(of: context)
      try router.serve(as: keyring.pair)
    }
    monitor = try router.monitor(named: "router")
    endpoint = try router.bind(bind)
    self.router = router
  }

  private static func makeSocket(
    _ kind: Socket.Kind, _ configuration: Configuration, _ context: ZeroMQContext
  ) throws(ZeroMQError) -> Socket {
    let socket = try Socket(kind, in: context)
    try socket.setRoutingID(configuration.routingID)
    try socket.configure(
      largest: Int64(configuration.largestFrame), queued: queuedMessages,
      heartbeat: Int32(configuration.heartbeat.milliseconds), timeout: Int32(configuration.failureTimeout.milliseconds))
    return socket
  }

  /// Closes all sockets. What was handed to libzmq before is still sent, for a moment.
  mutating func close() {
    router = nil
    monitor = nil
    doorkeeper = nil
    outgoing = [:]
  }

  /// - Returns: the socket that was sent on, whose edge may be used up.
  @discardableResult mutating func perform(_ command: Command) -> Socket? {
    if let meters = configuration.meters, case .send(let frames, _) = command { meters.sent(bytes: frames.bytes) }
    switch command {
    case .send(let frames, .incoming(let identity)):
      // A peer that is gone, or that stopped reading, is found by its silence.
      _ = try? router?.send([identity] + frames)
      return router
    case .send(let frames, .outgoing(let index)):
      outgoing[index]?.backlog.append(frames)
      flush(index)
      return outgoing[index]?.socket
    case .connect(let endpoint, let key, let index):
      do {
        outgoing[index] = try connection(index, to: endpoint, key)
      } catch {
        found.append(.unusable(outgoing: index, because: error))
      }
    case .disconnect(let index): outgoing[index] = nil
    case .admit(let descriptor): entrance.admitted(descriptor)
    case .dismiss(let descriptor): entrance.dismissed(descriptor)
    }
    return nil
  }

  private func connection(_ index: Int, to endpoint: String, _ key: CurveKey?) throws(ZeroMQError) -> Outgoing {
    let socket = try Self.makeSocket(.dealer, configuration, context)
    try socket.queueOnlyForConnected()
    if let keyring = configuration.keyring, let key { try socket.enter(as: keyring.pair, to: key) }
    let monitor = try socket.monitor(named: "dealer-\(index)")
    try socket.connect(endpoint)
    return Outgoing(socket: socket, monitor: monitor)
  }

  /// Sends what waits for a connection, as far as it takes it.
  private mutating func flush(_ index: Int) {
    guard let connection = outgoing[index], !connection.backlog.isEmpty else { return }
    let sent = connection.backlog.prefix { (try? connection.socket.send($0)) == .accepted }.count
    outgoing[index]?.backlog.removeFirst(sent)
  }

  /// What arrived, up to `most` messages of each socket.
  mutating func receive(atMost most: Int) -> [SocketEvent] {
    var events = found
    found = []
    if let doorkeeper, let keyring = configuration.keyring {
      let turnedAway = (try? doorkeeper.answer { keyring.admits($0) != nil }) ?? []
      events += turnedAway.map { .turnedAway(address: $0.address, key: $0.key) }
    }
    if let router {
      for _ in 0..<most {
        guard let message = try? router.receive() else { break }
        guard message.count >= 2 else { continue }
        let link = Link.incoming(identity: message[0])
        configuration.meters?.received(bytes: message.bytes)
        events.append(.received(Array(message.dropFirst()), over: link, descriptor: message[1].source))
      }
    }
    while let event = try? monitor?.receiveEvent() {
      switch event {
      case .accepted(let descriptor): entrance.accepted(descriptor)
      case .lost(let descriptor):
        entrance.lost(descriptor)
        events.append(.closed(descriptor: descriptor))
      // The doorkeeper has told of those that were turned away for their key.
      case .established, .refused, .failed: break
      }
    }
    if let count = entrance.showOut(at: .now) { events.append(.shownOut(count)) }
    for (index, connection) in outgoing {
      var isFailing = false
      while let event = try? connection.monitor.receiveEvent() {
        isFailing = event == .failed
        switch event {
        case .accepted: break
        case .established: events.append(.established(outgoing: index))
        case .refused: events.append(.refused(outgoing: index))
        case .failed: break
        case .lost:
          // What was not sent was meant for a connection that is no more.
          outgoing[index]?.backlog = []
          events.append(.lost(outgoing: index))
        }
      }
      if isFailing { try? connection.socket.changeCourse() }
      flush(index)
      for _ in 0..<most {
        guard let message = try? connection.socket.receive() else { break }
        configuration.meters?.received(bytes: message.bytes)
        events.append(.received(message, over: .outgoing(index), descriptor: -1))
      }
    }
    return events
  }

  private var all: [Socket] {
    [router, monitor, doorkeeper?.socket].compactMap(\.self) + outgoing.values.flatMap { [$0.socket, $0.monitor] }
  }

  /// What to poll. The descriptors are edge-triggered: look at ``hasInput`` first.
  var descriptors: [Int32] { all.map(\.descriptor) }

  var hasInput: Bool { all.contains { $0.readiness.contains(.input) } }

  /// Whether messages wait for a connection to take them.
  var hasBacklog: Bool { outgoing.values.contains { !$0.backlog.isEmpty } }
}

extension [Frame] {
  fileprivate var bytes: Int { reduce(0) { $0 + $1.count } }
}
