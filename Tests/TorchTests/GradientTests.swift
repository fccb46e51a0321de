import Randomness
import Testing
import Torch

/// Gradients against finite differences.
struct GradientTests {
  /// Parameters of some shapes, with values that are neither small nor all of a sign.
  private static func parameters(_ shapes: [[Int]]) throws -> Parameters {
    var layout = ParameterLayout()
    for (index, shape) in shapes.enumerated() { _ = layout.add("p\(index)", shape, .constant(0)) }
    var random = CounterGenerator(seed: 1, purpose: .contexts)
    let start = (0..<layout.count).map { _ in Float.random(in: -1...1, using: &random) }
    return try Parameters(layout, start: start, device: .cpu)
  }

  /// A number that depends on all of a tensor's: its entries weighted with 1, −2, 3, −4, …
  private static func mixed(_ x: Tensor) throws -> Tensor {
    let count = x.shape.reduce(1, *)
    let rows = try x.reshaped([count, 1])
    let weights = (0..<count).map { Float($0 % 7 + 1) * ($0.isMultiple(of: 2) ? 0.1 : -0.1) }
    return try rows.negativeLogLikelihood(
      of: Tensor(tokens: [Int32](repeating: 0, count: count), shape: [count]), weights: Tensor(weights, shape: [count]))
  }

  private static func expectGradient(
    _ shapes: [[Int]], at location: SourceLocation = #_sourceLocation, of function: (Parameters) throws -> Tensor
  ) throws {
    let p = try parameters(shapes)
    let gradient = try p.gradient { try mixed(function(p)).backward() }.numbers()
    func value() throws -> Float { try withoutGradients { try mixed(function(p)).floats()[0] } }
    let step: Float = 5e-3
    for index in 0..<p.count {
      let middle = try p.withValues { $0[index] }
      try p.withValues { $0[index] = middle + step }
      let above = try value()
      try p.withValues { $0[index] = middle - step }
      let below = try value()
      try p.withValues { $0[index] = middle }
      let expected = (above - below) / (2 * step)
      #expect(
        abs(gradient[index] - expected) < 0.02 * max(1, abs(expected)),
        "parameter \(index): \(gradient[index]), by differences \(expected)", sourceLocation: location)
    }
  }

  @Test func affine() throws {
    try Self.expectGradient([[2, 3, 5], [4, 5], [4]]) { try $0[0].affine($0[1], $0[2]) }
    try Self.expectGradient([[2, 3, 5], [4, 5], [4], [2, 3, 4]]) { try $0[0].affine($0[1], $0[2], around: $0[3]) }
    try Self.expectGradient([[6, 5], [4, 5], [4]]) { try $0[0].affine($0[1], $0[2], reading: .rectified) }
    try Self.expectGradient([[3, 20], [4, 20], [4], [20], [20]]) {
      try $0[0].affine($0[1], $0[2], reading: .normalised(scale: $0[3], shift: $0[4]))
    }
  }

  @Test func whatGoesRoundMayAlsoGoIn() throws {
    try Self.expectGradient([[3, 4], [4, 4], [4]]) {
      try $0[0].affine($0[1], $0[2], reading: .rectified, around: $0[0])
    }
  }

  @Test func layersThatShareWeights() throws {
    try Self.expectGradient([[3, 4], [4, 4], [4]]) {
      try $0[0].affine($0[1], $0[2]).affine($0[1], $0[2], reading: .rectified)
    }
  }

  @Test func layerNorm() throws { try Self.expectGradient([[3, 6], [6], [6]]) { try $0[0].layerNorm($0[1], $0[2]) } }

  @Test(arguments: [(2, 3, 4, false), (2, 5, 5, true), (1, 17, 33, false), (1, 2, 6, true)])
  func attention(_ batch: Int, _ queries: Int, _ keys: Int, _ causal: Bool) throws {
    try Self.expectGradient([[batch, queries, 8], [batch, keys, 16]]) {
      try $0[0].attention(to: $0[1], heads: 2, causal: causal)
    }
  }

  @Test func attentionToWhatMatches() throws {
    let a = try Tensor(tokens: [1, 2, 3, 0, 2, 2, 0, 1, 4, 4, 1, 3], shape: [2, 3, 2])
    let b = try Tensor(tokens: [2, 1, 0, 3, 3, 3, 4, 4, 1, 2, 3, 0, 0, 1, 1, 4], shape: [2, 4, 2])
    let matches = try a.matches(b)
    try Self.expectGradient([[2, 3, 8], [2, 4, 16], [2, 4]]) {
      try $0[0].attention(to: $0[1], heads: 2, extra: matches.matchScores($0[2]))
    }
  }

  @Test func pointerScores() throws {
    try Self.expectGradient([[2, 3, 5], [2, 4, 5]]) { try $0[0].pointerScores(to: $0[1]) }
  }

  @Test(arguments: [false, true]) func copyMixture(_ causal: Bool) throws {
    let candidates = try Tensor(tokens: [0, 1, 2, 3, 1, 1, 4, 0, 2, 2, 3, 4], shape: [2, 3, 2])
    try Self.expectGradient([[2, 3, 5], [2, 3, 3], [2, 3, 3]]) {
      try $0[0].mixed(pointer: $0[1], mix: $0[2], candidates: candidates, causal: causal)
    }
  }

  /// With 40 nats against it, and nowhere to copy it from, a token pulls with all of its gradient.
  @Test func whatIsAllButImpossibleIsStillLearned() throws {
    var layout = ParameterLayout()
    let logits = layout.add("logits", [1, 1, 3], .constant(0))
    let p = try Parameters(layout, start: [0, 0, -40], device: .cpu)
    let gradient = try p.gradient {
      try p[logits].mixed(
        pointer: Tensor(zeros: [1, 1, 1]), mix: Tensor(zeros: [1, 1, 2]),
        candidates: Tensor(tokens: [0], shape: [1, 1, 1])
      )
      .negativeLogLikelihood(of: Tensor(tokens: [2], shape: [1]), weights: Tensor([1], shape: [1]))
      .backward()
    }
    #expect(try gradient.numbers()[2] < -0.99)
  }

  @Test func linear() throws {
    try Self.expectGradient([[3, 5], [4, 5], [4], [2, 5], [4, 2], [3, 4]]) {
      try $0[0].linear($0[1], $0[2], Tensor.LowRank(down: $0[3], up: $0[4], scale: 1.5), around: $0[5])
    }
    try Self.expectGradient([[3, 5], [4, 5]]) { try $0[0].linear($0[1]) }
  }

  @Test func rmsNorm() throws { try Self.expectGradient([[3, 20], [20]]) { try $0[0].rmsNorm($0[1], epsilon: 1e-5) } }

  @Test(arguments: [Tensor.Gate.silu, .gelu]) func gate(_ gate: Tensor.Gate) throws {
    try Self.expectGradient([[3, 7], [3, 7]]) { try $0[0].gating($0[1], gate) }
  }

  /// A sequence of one token beside one that is longer than its window, and one that BLAS pays for.
  @Test(arguments: [([1, 5], 3), ([2, 3], 0), ([35], 0)]) func rotaryAttention(_ counts: [Int], _ window: Int) throws {
    let rows = counts.reduce(0, +)
    let angles = try Tensor((0..<rows * 4).map { Float($0 % 7) * 0.3 - 1 }, shape: [rows, 4])
    let packing = try Packing(counts.map { Packing.Run(count: $0) }, device: .cpu)
    try Self.expectGradient([[rows, 8], [rows, 4], [rows, 4]]) {
      try $0[0].rotaryAttention(
        to: $0[1], $0[2], Tensor.Heads(queries: 2, keys: 1, scale: 0.7, window: window), in: packing, angles: angles)
    }
  }

  @Test func logLikelihoods() throws {
    let targets = try Tensor(tokens: [2, 0, 5], shape: [3])
    try Self.expectGradient([[3, 4], [6, 4]]) { try $0[0].logLikelihoods(of: targets, among: $0[1]) }
    let words = try Tensor((0..<24).map { Float($0 % 5) - 2 }, shape: [6, 4])
    try Self.expectGradient([[3, 4]]) { try $0[0].logLikelihoods(of: targets, among: words) }
  }

  @Test func embedding() throws {
    let tokens = try Tensor(tokens: [0, 2, 2, 1], shape: [2, 2])
    try Self.expectGradient([[3, 4]]) { try $0[0].embedding(of: tokens) }
  }
}
