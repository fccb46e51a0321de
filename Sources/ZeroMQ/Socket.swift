import CZeroMQ

/// A libzmq context: its I/O threads. May be used from any thread.
public final class ZeroMQContext: @unchecked Sendable {
  // Sendable: libzmq's contexts are thread-safe.
  let handle: UnsafeMutableRawPointer

  public init() throws(ZeroMQError) {
    guard let handle = zmq_ctx_new() else { throw .last("zmq_ctx_new") }
    self.handle = handle
  }

  /// Waits until all sockets are closed.
  deinit { zmq_ctx_term(handle) }
}

/// A libzmq socket.
///
/// Sockets are not thread-safe, and this class is not `Sendable`: the compiler keeps it on the thread, or in the actor,
/// that made it.
public final class Socket {
  public enum Kind: Int32, Sendable {
    case pair = 0
    case dealer = 5
    case router = 6
  }

  /// What a socket can do at this moment.
  public struct Readiness: OptionSet, Sendable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let input = Readiness(rawValue: 1)
    public static let output = Readiness(rawValue: 2)
  }

  /// What became of a message that was to be sent.
  public enum Sent: Sendable { case accepted, full, noRoute }

  let handle: UnsafeMutableRawPointer
  /// How it comes to a peer whose host is a name.
  var course: Course?
  private let context: ZeroMQContext
  /// The descriptor to poll for input. It is edge-triggered, and sending may use up the edge: look at ``readiness``
  /// after every send and before every poll.
  public let descriptor: Int32

  public init(_ kind: Kind, in context: ZeroMQContext) throws(ZeroMQError) {
    guard let handle = zmq_socket(context.handle, kind.rawValue) else { throw .last("zmq_socket") }
    self.handle = handle
    self.context = context
    var descriptor: Int32 = -1
    var length = 4
    zmq_getsockopt(handle, ZMQ_FD, &descriptor, &length)
    self.descriptor = descriptor
    try set(ZMQ_LINGER, Int32(200))
  }

  deinit { zmq_close(handle) }

  /// The name by which a router knows this socket, 1…255 bytes.
  public func setRoutingID(_ name: String) throws(ZeroMQError) {
    var bytes = Array(name.utf8)
    guard zmq_setsockopt(handle, ZMQ_ROUTING_ID, &bytes, bytes.count) == 0 else { throw .last("routing id", name) }
  }

  /// Sets what every socket of a cluster needs.
  ///
  /// - Parameters:
  ///   - largest: bytes of a frame; a larger one is refused before it is allocated.
  ///   - queued: messages that wait for one peer at most, in each direction.
  ///   - heartbeat: milliseconds between libzmq's own heartbeats; `timeout`: until a silent connection is closed.
  ///   - handshake: milliseconds until who connects must have said who he is.
  public func configure(
    largest: Int64, queued: Int32, heartbeat: Int32, timeout: Int32, handshake: Int32 = 10_000, reconnect: Int32 = 50
  ) throws(ZeroMQError) {
    var largest = largest
    guard zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &largest, 8) == 0 else { throw .last("largest frame") }
    try set(ZMQ_SNDHWM, queued)
    try set(ZMQ_RCVHWM, queued)
    try set(ZMQ_HEARTBEAT_IVL, heartbeat)
    try set(ZMQ_HEARTBEAT_TIMEOUT, timeout)
    try set(ZMQ_HANDSHAKE_IVL, handshake)
    // Twice as long after each try, beginning anywhere in a factor of two, so that many that lost one peer do not all
    // come back to it at the same times.
    let first = Int32.random(in: reconnect...2 * reconnect)
    try set(ZMQ_RECONNECT_IVL, first)
    try set(ZMQ_RECONNECT_IVL_MAX, 32 * first)
  }

  /// Dealers: nothing is queued for a peer that is not connected.
  public func queueOnlyForConnected() throws(ZeroMQError) { try set(ZMQ_IMMEDIATE, 1) }

  /// Routers: say so if a peer is unknown, and let a peer that connects anew take its name over.
  public func routeStrictly() throws(ZeroMQError) {
    try set(ZMQ_ROUTER_MANDATORY, 1)
    try set(ZMQ_ROUTER_HANDOVER, 1)
  }

  func set(_ option: Int32, _ value: Int32) throws(ZeroMQError) {
    var value = value
    guard zmq_setsockopt(handle, option, &value, 4) == 0 else { throw .last("option \(option)") }
  }

  func set(_ option: Int32, _ value: [UInt8], _ name: String) throws(ZeroMQError) {
    guard zmq_setsockopt(handle, option, value, value.count) == 0 else { throw .last(name) }
  }

  public var readiness: Readiness {
    var value: Int32 = 0
    var length = 4
    zmq_getsockopt(handle, ZMQ_EVENTS, &value, &length)
    return Readiness(rawValue: value)
  }

  /// Crew a whole message to libzmq without waiting.
  public func send(_ frames: [Frame]) throws(ZeroMQError) -> Sent {
    for (index, frame) in frames.enumerated() {
      var message = zmq_msg_t()
      frame.outgoing(&message)
      let more = index < frames.count - 1 ? ZMQ_SNDMORE : 0
      guard zmq_msg_send(&message, handle, ZMQ_DONTWAIT | more) < 0 else { continue }
      let code = zmq_errno()
      zmq_msg_close(&message)
      // libzmq accepts the parts after the first one if it accepted the first.
      switch code {
      case EAGAIN: return .full
      case EHOSTUNREACH: return .noRoute
      default: throw ZeroMQError(call: "send", subject: "", code: code)
      }
    }
    return .accepted
  }

  /// The next message, all of its frames; nil if none is waiting.
  public func receive() throws(ZeroMQError) -> [Frame]? {
    var frames: [Frame] = []
    while true {
      let message = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
      zmq_msg_init(message)
      guard zmq_msg_recv(message, handle, ZMQ_DONTWAIT) >= 0 else {
        let code = zmq_errno()
        zmq_msg_close(message)
        message.deallocate()
        if code == EAGAIN || code == EINTR { return nil }
        throw ZeroMQError(call: "receive", subject: "", code: code)
      }
      let more = zmq_msg_more(message) != 0
      frames.append(Frame(received: message))
      if !more { return frames }
    }
  }

  // MARK: Connections coming and going

  /// What happened to a connection of a monitored socket.
  public enum ConnectionEvent: Sendable, Hashable {
    /// Somebody connected to this socket, and has not said a word yet.
    case accepted(descriptor: Int32)
    case established
    /// Nothing answers; libzmq tries again after a while. See ``changeCourse()``.
    case failed
    /// The peer and this node do not agree on keys.
    case refused
    /// `descriptor` is what ``Frame/source`` was for frames that came over it.
    case lost(descriptor: Int32)
  }

  /// A socket on which the events of this one can be received with ``receiveEvent()``.
  public func monitor(named name: String) throws(ZeroMQError) -> Socket {
    let events =
      ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
      | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED
    guard zmq_socket_monitor(handle, "inproc://\(name)", events) == 0 else { throw .last("monitor", name) }
    let monitor = try Socket(.pair, in: context)
    try monitor.connect("inproc://\(name)")
    return monitor
  }

  /// The next event of the monitored socket; nil if none is waiting.
  public func receiveEvent() throws(ZeroMQError) -> ConnectionEvent? {
    while let frames = try receive() {
      guard
        let (kind, value) = frames.first?.withUnsafeBytes({ bytes -> (UInt16, Int32)? in
          guard bytes.count >= 6 else { return nil }
          return (bytes.loadUnaligned(as: UInt16.self), bytes.loadUnaligned(fromByteOffset: 2, as: Int32.self))
        })
      else { continue }
      switch Int32(kind) {
      case ZMQ_EVENT_ACCEPTED: return .accepted(descriptor: value)
      case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return .established
      case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return .refused
      case ZMQ_EVENT_CONNECT_RETRIED: return .failed
      case ZMQ_EVENT_DISCONNECTED: return .lost(descriptor: value)
      default: break
      }
    }
    return nil
  }
}
