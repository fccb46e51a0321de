import Foundation
import Logging

/// The address of this machine that others reach it by.
enum LocalAddress {
  /// By which address this machine reaches another; nothing is sent there. This machine's loopback if that is where the
  /// other is.
  ///
  /// - Parameter endpoint: `tcp://host:port`; every other way leads to this machine.
  /// - Throws: a sentence, if the host has no address, or no way leads there.
  static func towards(_ endpoint: String) throws -> String {
    guard let match = endpoint.prefixMatch(of: /tcp:\/\/\[?([^\]#]+?)\]?:(\d+)/) else { return "127.0.0.1" }
    let host = String(match.1)
    var hints = addrinfo()
    hints.ai_family = AF_INET
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(match.2), &hints, &found)
    guard code == 0, let address = found else {
      throw Failure("the coordinator's host \(host) has no address: \(String(cString: gai_strerror(code)))")
    }
    defer { freeaddrinfo(found) }
    let descriptor = socket(address.pointee.ai_family, address.pointee.ai_socktype, 0)
    defer { close(descriptor) }
    var own = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let isFound = withUnsafeMutablePointer(to: &own) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { own in
        connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0
          && getsockname(descriptor, own, &length) == 0
          && getnameinfo(own, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
      }
    }
    guard isFound else {
      throw Failure("no way leads to the coordinator's host \(host): \(String(cString: strerror(errno)))")
    }
    let name = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return name
  }

  /// The same, as soon as the other has an address and there is a way: it may still be starting, as this machine may.
  static func found(towards endpoint: String, log: Logger) async throws -> String {
    while true {
      do {
        return try towards(endpoint)
      } catch let failure as Failure {
        log.notice("\(failure); still trying")
        try await Task.sleep(for: .seconds(5))
      }
    }
  }
}
