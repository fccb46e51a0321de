import Foundation
import Synchronization

/// A port of this machine that leads to another one, as a container's network has them, and remembers what went there.
public final class Forwarder: Sendable {
  public let port: UInt16
  private let bytes = Mutex<[UInt8]>([])
  private let listener: Int32

  /// Bytes that were carried there, of all connections.
  public var carried: [UInt8] { bytes.withLock(\.self) }

  /// Begins to listen. - Throws: if the machine has no port left.
  public init(to target: UInt16) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = Self.address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0 && listen(listener, 16) == 0
      }
    }
    guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in
      while true {
        let near = accept(listener, nil, nil)
        guard near >= 0 else { break }
        Thread.detachNewThread { [self] in serve(near, Self.connected(to: target)) }
      }
      close(listener)
    }
  }

  /// Takes no more connections.
  public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func serve(_ near: Int32, _ far: Int32) {
    let back = Thread { Self.carry(far, near) { _ in } }
    back.start()
    Self.carry(near, far) { part in bytes.withLock { $0 += part } }
    while !back.isFinished { sched_yield() }
    close(near)
    close(far)
  }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return address
  }

  private static func connected(to port: UInt16) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = address(port)
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return descriptor
  }

  private static func carry(_ from: Int32, _ to: Int32, _ seen: (ArraySlice<UInt8>) -> Void) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(from, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      seen(buffer[..<count])
      guard send(to, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
    }
    shutdown(to, Int32(SHUT_RDWR))
    shutdown(from, Int32(SHUT_RDWR))
  }

  /// Sends bytes to a port, and listens until it has had enough of them, or is silent for a moment.
  public static func say(_ bytes: [UInt8], to port: UInt16) {
    let descriptor = connected(to: port)
    defer { close(descriptor) }
    var patience = timeval(tv_sec: 0, tv_usec: 20_000)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    var answer = [UInt8](repeating: 0, count: 4096)
    while recv(descriptor, &answer, answer.count, 0) > 0 {}
  }
}
