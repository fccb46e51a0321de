/// The fixed binary tree over microbatches in whose order gradients are summed.
///
/// Floating-point sums depend on their order, so the order belongs to the configuration, not to the cluster: four
/// microbatches are summed as ((0+1)+(2+3)), whoever computed them. Whoever holds an aligned run of them sends the
/// partial sum of that run; ``sum(of:adding:)`` goes on from there in the same order.
public struct ReductionTree: Sendable, Hashable {
  /// A run of microbatches that the tree sums before it adds anything else to them.
  public typealias Node = Range<Int>

  public let leaves: Int

  /// - Parameter leaves: microbatches, at least 1.
  public init(leaves: Int) {
    precondition(leaves >= 1, "a reduction tree has at least one leaf")
    self.leaves = leaves
  }

  /// The two nodes whose sum is this one: the left has the largest power of two of leaves that leaves some to the right.
  public static func halves(of node: Node) -> (Node, Node) {
    precondition(node.count >= 2, "a leaf has no halves")
    let left = 1 << (Int.bitWidth - 1 - (node.count - 1).leadingZeroBitCount)
    let middle = node.lowerBound + left
    return (node.lowerBound..<middle, middle..<node.upperBound)
  }

  /// The largest nodes that together make up a run of leaves, in order.
  public func nodes(covering run: Range<Int>) -> [Node] {
    func cover(_ node: Node) -> [Node] {
      if !node.overlaps(run) { return [] }
      if run.contains(node.lowerBound), run.upperBound >= node.upperBound { return [node] }
      let (left, right) = Self.halves(of: node)
      return cover(left) + cover(right)
    }
    return run.isEmpty ? [] : cover(0..<leaves)
  }

  /// The sum of a node, by default the root, from the sums of nodes below it, which are used up.
  ///
  /// - Returns: nil while a part is missing; then the parts are as they were.
  public func sum<Summand>(
    of node: Node? = nil, from parts: inout [Node: Summand], adding add: (inout Summand, Summand) throws -> Void
  ) rethrows -> Summand? {
    let node = node ?? 0..<leaves
    guard isComplete(node, parts) else { return nil }
    return try take(node, &parts, add)
  }

  private func isComplete<Summand>(_ node: Node, _ parts: [Node: Summand]) -> Bool {
    if parts[node] != nil { return true }
    guard node.count > 1 else { return false }
    let (left, right) = Self.halves(of: node)
    return isComplete(left, parts) && isComplete(right, parts)
  }

  private func take<Summand>(
    _ node: Node, _ parts: inout [Node: Summand], _ add: (inout Summand, Summand) throws -> Void
  ) rethrows -> Summand? {
    if let part = parts.removeValue(forKey: node) { return part }
    guard node.count > 1 else { return nil }
    let (left, right) = Self.halves(of: node)
    guard var sum = try take(left, &parts, add), let other = try take(right, &parts, add) else { return nil }
    try add(&sum, other)
    return sum
  }
}
