import CZeroMQ

/// The libzmq that this process runs with.
public enum ZeroMQLibrary {
  /// `4.3.4`
  public static var version: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    zmq_version(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }

  /// Whether it was built with something, such as `curve` or `ipc`.
  public static func has(_ capability: String) -> Bool { zmq_has(capability) == 1 }
}
