import CZeroMQ

/// Wakes a thread that waits in `poll` on ``descriptor``. May be signalled from any thread.
public final class Wakeup: Sendable {
  /// Readable after ``signal()`` until ``clear()``.
  public let descriptor: Int32

  public init() throws(ZeroMQError) {
    descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard descriptor >= 0 else { throw ZeroMQError(call: "eventfd", subject: "", code: zmq_errno()) }
  }

  deinit { close(descriptor) }

  public func signal() { _ = eventfd_write(descriptor, 1) }

  public func clear() {
    var count: eventfd_t = 0
    _ = eventfd_read(descriptor, &count)
  }
}
