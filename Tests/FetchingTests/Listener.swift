import Foundation
import Synchronization

/// A server that says the same to everybody who asks, and remembers what they asked.
final class Listener: Sendable {
  let address: String
  private let descriptor: Int32
  private let heard = Mutex("")

  var asked: String { heard.withLock(\.self) }

  /// - Parameter answer: nil: nobody takes the connections up. - Parameter isEndless: says its end again and again.
  init(saying answer: String?, isEndless: Bool = false) throws {
    descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_in6()
    name.sin6_family = sa_family_t(AF_INET6)
    name.sin6_addr = in6addr_loopback
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let isBound = withUnsafeMutablePointer(to: &name) { [descriptor] in
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
          && listen(descriptor, answer == nil ? 0 : 16) == 0
      }
    }
    guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
    address = "http://[::1]:\(UInt16(bigEndian: name.sin6_port))/"
    guard let answer else { return }
    Thread.detachNewThread { [self] in
      while case let visitor = accept(descriptor, nil, nil), visitor >= 0 {
        serve(visitor, answer, isEndless)
        close(visitor)
      }
    }
  }

  deinit { close(descriptor) }

  private func serve(_ visitor: Int32, _ answer: String, _ isEndless: Bool) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(visitor, &buffer, buffer.count, 0)
    heard.withLock { $0 = String(decoding: buffer[..<max(count, 0)], as: UTF8.self) }
    let bytes = Array(answer.utf8)
    var isHeard = send(visitor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    while isEndless, isHeard { isHeard = send(visitor, buffer, buffer.count, Int32(MSG_NOSIGNAL)) > 0 }
    // Its end is not waited for, and what is on the way arrives.
    shutdown(visitor, Int32(SHUT_WR))
    while !isEndless, recv(visitor, &buffer, buffer.count, 0) > 0 {}
  }
}
