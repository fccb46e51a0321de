import HeapModule

/// Byte pair encoding (Sennrich et al. 2016, arXiv:1508.07909): neighbours become one token, those of the lowest rank first,
/// the leftmost of equals.
struct BytePairs: Sendable {
  private struct Merge {
    var rank: UInt32
    var token: Int32
  }

  private var merges: [UInt64: Merge] = [:]

  mutating func reserve(_ count: Int) { merges.reserveCapacity(count) }

  mutating func insert(_ left: Int32, _ right: Int32, rank: Int, token: Int32) {
    merges[Self.pair(left, right)] = Merge(rank: UInt32(rank), token: token)
  }

  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// What is left when no more neighbours can be merged: n log n for n symbols.
  func merged(_ symbols: [Int32]) -> [Int32] {
    guard symbols.count > 1 else { return symbols }
    var tokens = symbols
    // The neighbours of each symbol that is left; a symbol that was merged into the one before it has the token −1.
    var next = Array(1...tokens.count)
    var previous = Array(-1..<tokens.count - 1)
    var candidates = Heap<UInt64>()
    func consider(_ index: Int, _ candidates: inout Heap<UInt64>) {
      guard index >= 0, next[index] < tokens.count else { return }
      guard let merge = merges[Self.pair(tokens[index], tokens[next[index]])] else { return }
      candidates.insert(UInt64(merge.rank) << 32 | UInt64(index))
    }
    for index in tokens.indices.dropLast() { consider(index, &candidates) }
    while let candidate = candidates.popMin() {
      let index = Int(candidate & 0xFFFF_FFFF)
      let right = next[index]
      guard tokens[index] >= 0, right < tokens.count,
        let merge = merges[Self.pair(tokens[index], tokens[right])], UInt64(merge.rank) == candidate >> 32
      else { continue }
      (tokens[index], tokens[right]) = (merge.token, -1)
      next[index] = next[right]
      if next[index] < tokens.count { previous[next[index]] = index }
      consider(previous[index], &candidates)
      consider(index, &candidates)
    }
    return tokens.filter { $0 >= 0 }
  }
}
