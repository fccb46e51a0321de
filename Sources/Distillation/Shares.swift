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
