import CZeroMQ

/// What libzmq refused: the call, what it was about, and libzmq's reason.
public struct ZeroMQError: Error, Equatable, CustomStringConvertible {
  public let call: String
  public let subject: String
  /// libzmq's errno.
  public let code: Int32

  package init(call: String, subject: String, code: Int32) {
    self.call = call
    self.subject = subject
    self.code = code
  }

  public var description: String {
    let reason =
      switch code {
      case EADDRINUSE: "another process listens there"
      case ENODEV, EADDRNOTAVAIL: "this machine has no such address"
      default: String(cString: zmq_strerror(code))
      }
    return subject.isEmpty ? "\(call) failed: \(reason)" : "\(call) of \(subject) failed: \(reason)"
  }

  /// Whether another socket holds the address.
  public var isAddressInUse: Bool { code == EADDRINUSE }

  /// Whether this process, or the machine, had no more descriptors, sockets or memory.
  public var isShortage: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) }

  static func last(_ call: String, _ subject: String = "") -> ZeroMQError {
    ZeroMQError(call: call, subject: subject, code: zmq_errno())
  }
}
