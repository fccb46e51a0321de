import Addresses
import CZeroMQ

/// Where sockets listen and connect to, in numbers or by name, over IPv4 and IPv6.
extension Socket {
  /// The way to a host by its name, which may have addresses of both kinds, while something listens at those of one only.
  struct Course {
    let endpoint: String
    var isIPv6 = false
    /// Tries that failed since the course was changed, and how many may.
    var failures = 0
    var patience = 1

    static let mostPatience = 6
  }

  /// After so many milliseconds without an answer to its first packet a try to connect to a name has failed.
  private static let connectTimeout: Int32 = 2000

  /// Listens. - Returns: the address with the wildcard port filled in, in numbers.
  public func bind(_ endpoint: String) throws(ZeroMQError) -> String {
    let address = Address(endpoint)?.with(key: nil)
    do {
      return try listen(address?.description ?? endpoint, isIPv6: address?.isIPv6 ?? false)
    } catch {
      // libzmq knows the names of network interfaces, and looks no others up.
      guard let address, address.isNamed, error.code == ENODEV else { throw error }
      for found in ((try? address.lookedUp()) ?? []).sorted(by: { !$0.isIPv6 && $1.isIPv6 }) {
        if let bound = try? listen(found.description, isIPv6: found.isIPv6) { return bound }
      }
      throw error
    }
  }

  private func listen(_ endpoint: String, isIPv6: Bool) throws(ZeroMQError) -> String {
    try set(ZMQ_IPV6, isIPv6 ? 1 : 0)
    guard zmq_bind(handle, endpoint) == 0 else { throw .last("bind", endpoint) }
    var buffer = [CChar](repeating: 0, count: 256)
    var length = buffer.count
    guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &buffer, &length) == 0 else { throw .last("bind", endpoint) }
    return String(decoding: buffer.prefix(max(0, length - 1)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Connects in the background, again and again until it works. Names are looked up anew for each try.
  public func connect(_ endpoint: String) throws(ZeroMQError) {
    let address = Address(endpoint)?.with(key: nil)
    let endpoint = address?.description ?? endpoint
    if let address, address.isNamed {
      course = Course(endpoint: endpoint)
      try set(ZMQ_CONNECT_TIMEOUT, Self.connectTimeout)
    }
    try connect(endpoint, isIPv6: address?.isIPv6 ?? false)
  }

  private func connect(_ endpoint: String, isIPv6: Bool) throws(ZeroMQError) {
    try set(ZMQ_IPV6, isIPv6 ? 1 : 0)
    guard zmq_connect(handle, endpoint) == 0 else { throw .last("connect", endpoint) }
  }

  /// To be called when a try to connect has failed: libzmq goes on with addresses of the one kind that it was set to, and
  /// this turns to those of the other kind, where the peer's host is a name. It tries each for longer every time.
  public func changeCourse() throws(ZeroMQError) {
    guard var course else { return }
    course.failures += 1
    defer { self.course = course }
    guard course.failures >= course.patience else { return }
    course.isIPv6.toggle()
    course.failures = 0
    course.patience = min(2 * course.patience, Course.mostPatience)
    guard zmq_disconnect(handle, course.endpoint) == 0 else { throw .last("disconnect", course.endpoint) }
    try connect(course.endpoint, isIPv6: course.isIPv6)
  }
}
