/// Tokens by their bytes, found from the first byte on.
struct ByteTrie: Sendable {
  private var edges: [UInt64: Int32] = [:]
  private var tokens: [Int32] = [Self.none]
  private static let none: Int32 = -1

  mutating func insert(_ bytes: some Sequence<UInt8>, _ token: Int32) {
    var node: Int32 = 0
    for byte in bytes {
      let edge = Self.edge(node, byte)
      if let next = edges[edge] {
        node = next
      } else {
        node = Int32(tokens.count)
        edges[edge] = node
        tokens.append(Self.none)
      }
    }
    tokens[Int(node)] = token
  }

  private static func edge(_ node: Int32, _ byte: UInt8) -> UInt64 {
    UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
  }

  /// Tells of every token that begins at `start`, the shortest first.
  func forEachMatch(in bytes: [UInt8], at start: Int, _ body: (_ token: Int32, _ end: Int) -> Void) {
    var node: Int32 = 0
    for index in start..<bytes.count {
      guard let next = edges[Self.edge(node, bytes[index])] else { return }
      node = next
      if tokens[Int(node)] != Self.none { body(tokens[Int(node)], index + 1) }
    }
  }

  /// The longest token that begins at `start`.
  func longestMatch(in bytes: [UInt8], at start: Int) -> (token: Int32, end: Int)? {
    var longest: (Int32, Int)?
    forEachMatch(in: bytes, at: start) { longest = ($0, $1) }
    return longest
  }
}
