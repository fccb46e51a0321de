import Foundation

/// An address as the kernel has it.
struct SocketAddress {
  private var storage = sockaddr_storage()
  private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

  init?(_ address: UnsafeMutablePointer<sockaddr>?, _ length: socklen_t) {
    guard let address, length <= self.length else { return nil }
    let bytes = UnsafeRawBufferPointer(start: address, count: Int(length))
    withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: bytes) }
    self.length = length
  }

  /// Of a TCP port of an address in numbers; nil if it is none.
  init?(_ address: Address) {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address.host, "\(address.port ?? 0)", &hints, &found) == 0, let entry = found?.pointee else {
      return nil
    }
    defer { freeaddrinfo(found) }
    self.init(entry.ai_addr, entry.ai_addrlen)
  }

  /// The own end of a socket.
  private init?(ownOf descriptor: Int32) {
    let isKnown = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
    }
    guard isKnown else { return nil }
  }

  /// As it is written, with the interface's name behind an address of a local link.
  var numbers: String? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let isWritten = withPointer { getnameinfo($0, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 }
    return isWritten ? String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
  }

  /// By which address this machine reaches it, by the kernel's routes: nothing is sent. nil if no way leads there.
  var source: String? {
    let descriptor = socket(Int32(storage.ss_family), Int32(SOCK_DGRAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard withPointer({ connect(descriptor, $0, length) == 0 }) else { return nil }
    return SocketAddress(ownOf: descriptor)?.numbers
  }

  /// Whether something takes a TCP connection there within a time. Blocks for as long.
  func answers(within milliseconds: Int32) -> Bool {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(Int32(storage.ss_family), kind, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    if withPointer({ connect(descriptor, $0, length) == 0 }) { return true }
    var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard errno == EINPROGRESS, poll(&watched, 1, milliseconds) == 1 else { return false }
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code == 0
  }

  private func withPointer<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
    withUnsafePointer(to: storage) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
  }
}
