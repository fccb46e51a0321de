import Foundation

extension Address {
  /// The addresses in numbers that the host's name stands for, in the order of the system's preference; itself if it is in
  /// numbers. Blocks until the name is looked up.
  public func lookedUp() throws(AddressLookupError) -> [Address] {
    guard isNamed else { return [self] }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &first)
    guard code == 0 else { throw AddressLookupError(reason: String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(first) }
    var found: [Address] = []
    var next = first
    while let entry = next?.pointee {
      if let numbers = SocketAddress(entry.ai_addr, entry.ai_addrlen)?.numbers {
        let address = Address(host: numbers, port: port).with(key: key)
        if !found.contains(address) { found.append(address) }
      }
      next = entry.ai_next
    }
    return found
  }

  /// By which address this machine reaches it, by the kernel's routes; nil if no way leads there, or it is not in numbers.
  public var source: String? { SocketAddress(self)?.source }

  /// Whether something takes a TCP connection there within so many milliseconds. Blocks for as long.
  public func answers(within milliseconds: Int32) -> Bool {
    SocketAddress(self)?.answers(within: milliseconds) ?? false
  }
}

/// Why a name stands for no address.
public struct AddressLookupError: Error, Hashable {
  public let reason: String
}
