import CTorch

/// Operations that gradients flow through. Each throws a ``TorchError`` if the shapes don't fit.
extension Tensor {
  /// Element-wise sum; the shapes are equal or broadcast.
  public static func + (a: Tensor, b: Tensor) throws -> Tensor {
    try Tensor(torch.add(a.handle, b.handle), "add")
  }

  /// The same numbers in another shape; one length may be -1: whatever is left.
  public func reshaped(_ shape: [Int]) throws -> Tensor {
    try Tensor(shape.withDimensions { torch.reshape(handle, $0, Int32(shape.count)) }, "reshape to \(shape)")
  }

  /// A run of positions along one dimension.
  public func narrowed(_ dimension: Int, _ run: Range<Int>) throws -> Tensor {
    try Tensor(
      torch.narrow(handle, Int32(dimension), Int64(run.lowerBound), Int64(run.count)), "narrow \(dimension) to \(run)")
  }

  /// Side by side along a dimension.
  public static func concatenated(_ tensors: [Tensor], along dimension: Int) throws -> Tensor {
    let handles = tensors.map { Optional($0.handle) }
    return try Tensor(torch.concatenate(handles, Int32(handles.count), Int32(dimension)), "concatenate")
  }

  /// The rows (first dimension) with those indices, a tensor of tokens.
  public func rows(_ indices: Tensor) throws -> Tensor {
    try Tensor(torch.select_rows(handle, indices.handle), "rows")
  }

  /// Of a table [V, e], the rows for tokens of any shape: [..., e].
  public func embedding(of tokens: Tensor) throws -> Tensor {
    try Tensor(torch.embedding(handle, tokens.handle), "embedding")
  }

  /// What is done to x before it is multiplied.
  public enum Reading {
    case plain
    /// ``layerNorm(_:_:)``
    case normalised(scale: Tensor, shift: Tensor)
    /// max(x, 0)
    case rectified
  }

  /// x Wᵀ + b, plus what goes round it: x [..., in], W [out, in], b [out], around [..., out].
  public func affine(
    _ weight: Tensor, _ bias: Tensor, reading: Reading = .plain, around: Tensor? = nil
  ) throws -> Tensor {
    let (scale, shift, isRectified): (Tensor?, Tensor?, Bool) =
      switch reading {
      case .plain: (nil, nil, false)
      case .normalised(let scale, let shift): (scale, shift, false)
      case .rectified: (nil, nil, true)
      }
    return try Tensor(
      torch.affine(handle, scale?.handle, shift?.handle, isRectified, weight.handle, bias.handle, around?.handle),
      "affine map")
  }

  /// Normalises the last dimension to mean 0 and variance 1 (ε = 1e-5), then scales and shifts it.
  public func layerNorm(_ scale: Tensor, _ shift: Tensor) throws -> Tensor {
    try Tensor(torch.layer_norm(handle, scale.handle, shift.handle), "layer norm")
  }

  /// Multi-head attention of queries [B, n, d] to keys and values [B, m, 2d]: [B, n, d].
  ///
  /// - Parameters:
  ///   - extra: is added to the scores before the softmax, [B, heads, n, m].
  ///   - causal: query i sees only the keys up to i + m − n.
  public func attention(
    to keysAndValues: Tensor, heads: Int, extra: Tensor? = nil, causal: Bool = false
  ) throws -> Tensor {
    try Tensor(torch.attention(handle, keysAndValues.handle, extra?.handle, Int32(heads), causal), "attention")
  }

  /// Which of these tokens [B, n, i] are the same as which of others [B, m, j]: a word of i · j bits for each pair of rows,
  /// [B, n, m]. Filler, 0, is the same as nothing. i · j is at most 64.
  public func matches(_ others: Tensor) throws -> Tensor {
    try Tensor(torch.matches(handle, others.handle), "matches")
  }

  /// The sum of the weights [heads, i · j] of what matches, by ``matches(_:)``: [B, heads, n, m].
  public func matchScores(_ weights: Tensor) throws -> Tensor {
    try Tensor(torch.match_scores(handle, weights.handle), "match scores")
  }

  /// How much each query [B, n, d] points at each key [B, m, d], before the softmax: [B, n, m].
  public func pointerScores(to keys: Tensor) throws -> Tensor {
    try Tensor(torch.pointer_scores(handle, keys.handle), "pointer scores")
  }

  /// The logarithm of a mixture of a generated and c copied distributions over the vocabulary, [B, n, V].
  ///
  /// - Parameters:
  ///   - self: what is generated, before the softmax, [B, n, V].
  ///   - pointer: ``pointerScores(to:)``, [B, n, F].
  ///   - mix: weight of the generated one, then of each copy, before the softmax, [B, n, 1 + c].
  ///   - candidates: the tokens that are pointed at, [B, F, c].
  ///   - causal: position i sees only candidates up to i + F − n.
  public func mixed(pointer: Tensor, mix: Tensor, candidates: Tensor, causal: Bool = false) throws -> Tensor {
    try Tensor(
      torch.copy_mixture(handle, pointer.handle, mix.handle, candidates.handle, causal), "copy mixture")
  }

  /// −Σ weight · log p(target) over rows of log-probabilities [..., V]: a scalar.
  public func negativeLogLikelihood(of targets: Tensor, weights: Tensor) throws -> Tensor {
    try Tensor(torch.negative_log_likelihood(handle, targets.handle, weights.handle), "negative log-likelihood")
  }

  /// log p(target) in each row of log-probabilities [..., V]: as many numbers as there are rows.
  public func chosen(_ targets: Tensor) throws -> Tensor {
    try Tensor(torch.chosen(handle, targets.handle), "chosen log-probabilities")
  }

  /// Adds the gradient of this scalar to that of every parameter that it depends on.
  public func backward() throws {
    guard torch.backward(handle) == 0 else { throw TorchError.last("backward") }
  }

  /// The token with the largest value along the last dimension. No gradient.
  public func argmax() throws -> Tensor { try Tensor(torch.argmax(handle), "argmax") }

  /// Overwrites positions from `start` on along the second dimension. No gradient.
  public func write(_ values: Tensor, at start: Int) throws {
    guard torch.write(handle, Int64(start), values.handle) == 0 else { throw TorchError.last("write") }
  }
}
