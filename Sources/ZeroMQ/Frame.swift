import CZeroMQ

/// One part of a message: bytes that never change, shared without copying between Swift and libzmq.
///
/// Received bytes are not aligned: read them with `loadUnaligned`.
public final class Frame: @unchecked Sendable {
  // Sendable, because nothing writes to either after init, and libzmq counts references to a message atomically.
  private let message: UnsafeMutablePointer<zmq_msg_t>?
  private let owned: UnsafeMutableRawBufferPointer

  /// Takes over a received message.
  init(received message: UnsafeMutablePointer<zmq_msg_t>) {
    self.message = message
    owned = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  /// Bytes that `fill` writes, all of them.
  public init(byteCount: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
    message = nil
    owned = .allocate(byteCount: byteCount, alignment: 16)
    fill(owned)
  }

  /// A copy of bytes.
  public convenience init(_ bytes: some Collection<UInt8>) {
    self.init(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
  }

  deinit {
    if let message {
      zmq_msg_close(message)
      message.deallocate()
    }
    owned.deallocate()
  }

  public var count: Int { message.map { zmq_msg_size($0) } ?? owned.count }

  /// The file descriptor of the connection that a received frame came over, -1 if unknown.
  public var source: Int32 { message.map { zmq_msg_get($0, ZMQ_SRCFD) } ?? -1 }

  /// What libzmq knows of the connection that a received frame came over.
  func property(_ name: String) -> String? {
    message.flatMap { zmq_msg_gets($0, name) }.map { String(cString: $0) }
  }

  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let message else { return try body(UnsafeRawBufferPointer(owned)) }
    return try body(UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message)))
  }

  /// A libzmq message of these bytes, to be sent or closed. Larger ones are not copied.
  func outgoing(_ target: UnsafeMutablePointer<zmq_msg_t>) {
    if let message {
      zmq_msg_init(target)
      zmq_msg_copy(target, message)
    } else if owned.count <= Self.copied {
      zmq_msg_init_size(target, owned.count)
      if let data = zmq_msg_data(target), let start = owned.baseAddress {
        data.copyMemory(from: start, byteCount: owned.count)
      }
    } else {
      zmq_msg_init_data(
        target, owned.baseAddress, owned.count,
        { _, hint in hint.map { Unmanaged<Frame>.fromOpaque($0).release() } },
        Unmanaged.passRetained(self).toOpaque())
    }
  }

  /// Up to this many bytes, copying costs less than sharing.
  private static let copied = 1024
}
