import Foundation

/// Where a node listens or is found: `tcp://HOST:PORT` or `ipc://PATH`, and of pages `http://HOST:PORT`. An IPv6 address
/// stands in brackets, as in `tcp://[fd00::7]:5570`.
///
/// This is the one reader of addresses: what may listen, who may connect there, and what libzmq is told can't differ.
public struct Address: Hashable, Sendable, LosslessStringConvertible {
  public enum Scheme: String, Hashable, Sendable { case tcp, ipc, http }

  public let scheme: Scheme
  /// A name, an address in numbers, without brackets, or * for all of the machine's; of `ipc` the path.
  public let host: String
  /// nil: any that is free, written *; `ipc` has none.
  public private(set) var port: UInt16?
  /// The public key of the node there, 64 hexadecimal digits, as in `tcp://10.0.0.1:5570#KEY`.
  public private(set) var key: String?

  /// The address that a TCP port of a host has.
  public init(host: String, port: UInt16?) {
    (scheme, self.host, self.port) = (.tcp, host, port)
  }

  /// - Returns: nil if it is none.
  public init?(_ text: String) {
    guard let parts = text.wholeMatch(of: /(tcp|ipc|http):\/\/([^\s#]+)(?:#([0-9A-Fa-f]{64}))?/),
      let scheme = Scheme(rawValue: String(parts.1))
    else { return nil }
    self.scheme = scheme
    key = parts.3?.lowercased()
    guard scheme != .ipc else {
      (host, port) = (String(parts.2), nil)
      guard host.utf8.count <= Self.longestPath else { return nil }
      return
    }
    guard let place = parts.2.wholeMatch(of: /(?:\[([^\[\]]+)\]|([^:\[\]]+)):([0-9]{1,5}|\*)/) else { return nil }
    host = String(place.1 ?? place.2 ?? "")
    port = UInt16(place.3)
    guard place.3 == "*" || port ?? 0 > 0, place.1 == nil ? Self.isHost(host) : Self.isIPv6(host) else { return nil }
    // A browser is shown no key.
    guard scheme == .tcp || key == nil else { return nil }
  }

  /// Of a socket's name in the file system.
  private static let longestPath = 107

  public var description: String {
    let place = scheme == .ipc ? host : "\(host.contains(":") ? "[\(host)]" : host):\(port.map { "\($0)" } ?? "*")"
    return "\(scheme.rawValue)://\(place)" + (key.map { "#\($0)" } ?? "")
  }

  /// The same place with another key, or none.
  public func with(key: String?) -> Address {
    var other = self
    other.key = key
    return other
  }

  /// The same, with that port if it has none.
  public func with(port: UInt16?) -> Address {
    var other = self
    if scheme != .ipc { other.port = self.port ?? port }
    return other
  }

  /// Where this machine itself connects to what listens here.
  public var fromHere: Address {
    guard isEverywhere else { return self }
    return Address(host: isIPv6 ? "::1" : "127.0.0.1", port: port).with(key: key)
  }

  // MARK: Who reaches it

  /// Whether what listens there is reached from this machine alone.
  public var isOfThisMachine: Bool { scheme == .ipc || Self.isThisMachine(host) }

  /// Whether to listen there is to listen at all addresses of the machine, so that it tells nobody a way.
  public var isEverywhere: Bool { scheme != .ipc && (host == "*" || Self.bytes(host)?.allSatisfy { $0 == 0 } == true) }

  public var isIPv6: Bool { scheme != .ipc && host.contains(":") }

  /// Whether its host has to be looked up, and so may have addresses of both kinds.
  public var isNamed: Bool { scheme != .ipc && host != "*" && Self.bytes(host) == nil }

  /// Whether a host, as it stands in an address without brackets, is this machine for itself.
  public static func isThisMachine(_ host: String) -> Bool {
    guard let bytes = bytes(host) else { return host.lowercased() == "localhost" }
    return bytes.count == 4 ? bytes[0] == 127 : bytes == Array(repeating: 0, count: 15) + [1]
  }

  // MARK: Hosts

  /// A name, an IPv4 address, or *.
  private static func isHost(_ text: String) -> Bool {
    if text == "*" || bytes(text) != nil { return true }
    guard text.wholeMatch(of: /[A-Za-z0-9_.\-]{1,253}/) != nil else { return false }
    // What ends with a number is read as an IPv4 address in short by those who look names up: 0, 127.1, 0x7f000001.
    let last = text.split(separator: ".").last ?? ""
    return last.wholeMatch(of: /[0-9]+|0[xX][0-9A-Fa-f]*/) == nil && !last.isEmpty
  }

  private static func isIPv6(_ text: String) -> Bool { text.contains(":") && bytes(text) != nil }

  /// Of an address in numbers: its four or sixteen bytes, four also of IPv4 that is written as IPv6 (`::ffff:10.0.0.1`).
  private static func bytes(_ host: String) -> [UInt8]? {
    var four = in_addr()
    if inet_pton(AF_INET, host, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
    var sixteen = in6_addr()
    // Behind % is the interface that an address of the local link is at.
    let zone = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard inet_pton(AF_INET6, String(zone[0]), &sixteen) == 1, zone.count == 1 || isHost(String(zone[1])) else {
      return nil
    }
    let bytes = withUnsafeBytes(of: &sixteen) { Array($0) }
    let isMapped = bytes[..<12] == Array(repeating: 0, count: 10) + [0xFF, 0xFF]
    return isMapped ? Array(bytes[12...]) : bytes
  }
}
