/// Splits `count` things in a row into `parts` contiguous shares whose sizes differ by one at most, larger ones first.
///
/// Contexts are split into microbatches and tree shards this way, microbatches among workers, and the flat gradient
/// vector into gradient shards.
public func shares(of count: Int, among parts: Int) -> [Range<Int>] {
  precondition(parts >= 1 && count >= 0, "there is at least one share, of no less than nothing")
  let (size, larger) = count.quotientAndRemainder(dividingBy: parts)
  var start = 0
  return (0..<parts).map { part in
    let end = start + size + (part < larger ? 1 : 0)
    defer { start = end }
    return start..<end
  }
}

/// Splits `count` things in a row into contiguous shares that are to each other as the weights are, as nearly as whole things
/// allow; a share may be empty.
///
/// - Parameter weights: above 0, at least one.
public func shares(of count: Int, weights: [Double]) -> [Range<Int>] {
  precondition(count >= 0 && !weights.isEmpty && weights.allSatisfy { $0 > 0 }, "every share has a weight above 0")
  let total = weights.reduce(0, +)
  var (start, sum) = (0, 0.0)
  return weights.enumerated().map { index, weight in
    sum += weight
    let end = index == weights.count - 1 ? count : min(count, max(start, Int((sum / total * Double(count)).rounded())))
    defer { start = end }
    return start..<end
  }
}
