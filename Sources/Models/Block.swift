import Torch

/// A transformer block with normalisation before each part (Vaswani et al. 2017; Xiong et al. 2020).
struct Block: Sendable {
  private let heads: Int
  private let query, keysAndValues, output, up, down: Linear
  private let norm, normMemory, normFeedForward: LayerNorm
  private let matches: MatchScores?

  /// - Parameter matches: bits of a match between what attends and what is attended to; 0: they are not looked at.
  init(_ name: String, width: Int, heads: Int, matches: Int, in layout: inout ParameterLayout) {
    self.heads = heads
    self.matches = matches > 0 ? MatchScores("\(name).matches", bits: matches, heads: heads, in: &layout) : nil
    query = Linear("\(name).query", from: width, to: width, hidden: 1, in: &layout)
    keysAndValues = Linear("\(name).keys_and_values", from: width, to: 2 * width, hidden: 2, in: &layout)
    output = Linear("\(name).output", from: width, to: width, hidden: 1, in: &layout)
    norm = LayerNorm("\(name).norm", width: width, in: &layout)
    normMemory = LayerNorm("\(name).norm_memory", width: width, in: &layout)
    normFeedForward = LayerNorm("\(name).norm_feed_forward", width: width, in: &layout)
    up = Linear("\(name).up", from: width, to: 4 * width, hidden: 1, in: &layout)
    down = Linear("\(name).down", from: 4 * width, to: width, hidden: 1, in: &layout)
  }

  /// What tokens that are the same add to the scores of attention, [B, heads, n, m].
  func scores(of matching: Tensor?, _ p: Parameters) throws -> Tensor? {
    guard let matches, let matching else { return nil }
    return try matches(matching, p)
  }

  /// Every position of x [B, n, width] sees every position of itself.
  func overItself(_ x: Tensor, extra: Tensor? = nil, _ p: Parameters, causal: Bool = false) throws -> Tensor {
    let seen = try keysAndValues(x, normalisedBy: norm, p)
    let attended = try query(x, normalisedBy: norm, p)
      .attention(to: seen, heads: heads, extra: extra, causal: causal)
    return try rest(of: x, attended, p)
  }

  /// Every position of x [B, n, width] sees every position of the memory [B, m, width].
  func over(_ memory: Tensor, _ x: Tensor, extra: Tensor? = nil, _ p: Parameters) throws -> Tensor {
    let seen = try keysAndValues(memory, normalisedBy: normMemory, p)
    return try rest(of: x, query(x, normalisedBy: norm, p).attention(to: seen, heads: heads, extra: extra), p)
  }

  /// Positions that follow on those in the cache [B, length, 2 width], which is filled from `start`.
  func continued(_ x: Tensor, cache: Tensor, from start: Int, _ p: Parameters) throws -> Tensor {
    try cache.write(keysAndValues(x, normalisedBy: norm, p), at: start)
    let seen = try cache.narrowed(1, 0..<start + x.shape[1])
    let attended = try query(x, normalisedBy: norm, p).attention(to: seen, heads: heads, causal: true)
    return try rest(of: x, attended, p)
  }

  private func rest(of x: Tensor, _ attended: Tensor, _ p: Parameters) throws -> Tensor {
    let x = try output(attended, around: x, p)
    return try down(up(x, normalisedBy: normFeedForward, p), rectified: true, around: x, p)
  }
}

/// Blocks on top of each other, or one block over and over.
struct Stack: Sendable {
  private let blocks: [Block]
  let depth: Int
  private let width, heads: Int
  /// Numbers that a layer keeps for each position until gradients come back, in widths.
  private static let kept = 18

  /// - Parameters:
  ///   - shared: one block's parameters serve at every depth.
  ///   - matches: bits of a match between what attends and what is attended to; 0: they are not looked at.
  init(
    _ name: String, depth: Int, shared: Bool, width: Int, heads: Int, matches: Int = 0, in layout: inout ParameterLayout
  ) {
    (self.depth, self.width, self.heads) = (depth, width, heads)
    blocks = (0..<(shared ? min(1, depth) : depth)).map {
      Block("\(name).\($0)", width: width, heads: heads, matches: matches, in: &layout)
    }
  }

  subscript(level: Int) -> Block { blocks[level % blocks.count] }

  /// Numbers that all levels keep of so many positions that attend to so many others, until gradients come back.
  func activations(_ positions: Int, over others: Int) -> Int {
    depth * (width * (Self.kept * positions + 2 * others) + 2 * heads * positions * others)
  }

  /// x after every level has attended to the memory, or to itself.
  ///
  /// - Parameter matching: which tokens of the two are the same, by ``Tensor/matches(_:)``.
  func callAsFunction(_ x: Tensor, over memory: Tensor?, matching: Tensor?, _ p: Parameters) throws -> Tensor {
    let extra = try blocks.map { try $0.scores(of: matching, p) }
    var x = x
    for level in 0..<depth {
      let (block, extra) = (self[level], extra[level % blocks.count])
      x = try memory.map { try block.over($0, x, extra: extra, p) } ?? block.overItself(x, extra: extra, p)
    }
    return x
  }
}
