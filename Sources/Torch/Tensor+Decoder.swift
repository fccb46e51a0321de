import CTorch

/// Operations of decoder-only transformers, on 32-bit floats and on bfloat16. Gradients flow through them, and each throws
/// a ``TorchError`` if the shapes don't fit.
extension Tensor {
  /// A linear map of low rank (Hu et al. 2021): scale · up · down, both 32-bit floats.
  public struct LowRank {
    /// [rank, in]
    public var down: Tensor
    /// [out, rank]
    public var up: Tensor
    public var scale: Double

    public init(down: Tensor, up: Tensor, scale: Double) {
      (self.down, self.up, self.scale) = (down, up, scale)
    }
  }

  /// x Wᵀ + b, plus what a low-rank map makes of x, plus what goes round: x [n, in], W [out, in], b [out], around [n, out].
  public func linear(_ weight: Tensor, _ bias: Tensor? = nil, _ beside: LowRank? = nil, around: Tensor? = nil) throws
    -> Tensor
  {
    try Tensor(
      torch.low_rank_linear(
        handle, weight.handle, bias?.handle, beside?.down.handle, beside?.up.handle, beside?.scale ?? 0, around?.handle),
      "linear map")
  }

  /// A matrix [out, in] with a low-rank map added to it, of its own type. No gradient.
  public func merged(with beside: LowRank) throws -> Tensor {
    try Tensor(torch.merged(handle, beside.down.handle, beside.up.handle, beside.scale), "merge")
  }

  /// Divides the last dimension by its root mean square (Zhang & Sennrich 2019) and multiplies it by `gain`, which is of
  /// 32-bit floats.
  public func rmsNorm(_ gain: Tensor, epsilon: Double) throws -> Tensor {
    try Tensor(torch.rms_norm(handle, gain.handle, epsilon), "RMS norm")
  }

  /// How a gate opens.
  public enum Gate: Sendable {
    case silu
    /// By its approximation with tanh.
    case gelu
  }

  /// act(self) · up, element by element.
  public func gating(_ up: Tensor, _ gate: Gate) throws -> Tensor {
    try Tensor(torch.gated(handle, up.handle, gate == .gelu), "gate")
  }

  /// Heads of ``rotaryAttention(to:_:_:_:cache:)``.
  public struct Heads: Hashable, Sendable {
    /// Of queries, and of keys and values, which are shared by equally many neighbouring heads of queries.
    public var queries, keys: Int
    /// By which products of queries and keys are multiplied.
    public var scale: Double
    /// How many positions are seen, with one's own; 0: all.
    public var window: Int

    public init(queries: Int, keys: Int, scale: Double, window: Int = 0) {
      (self.queries, self.keys, self.scale, self.window) = (queries, keys, scale, window)
    }
  }

  /// Causal attention within packed sequences, with rotary positions (Su et al. 2021): queries [n, heads · size] to
  /// [n, heads · size].
  ///
  /// - Parameters:
  ///   - keys: [n, heads of keys · size], as are the values.
  ///   - angles: [positions, size], of each position the cosines by which pairs half a head apart are turned, then the sines.
  ///   - cache: keys and values of tokens before these, [slots, length, heads of keys · size], to which these are added;
  ///     nothing is learned through it.
  public func rotaryAttention(
    to keys: Tensor, _ values: Tensor, _ heads: Heads, in packing: Packing, angles: Tensor,
    cache: (keys: Tensor, values: Tensor)? = nil
  ) throws -> Tensor {
    try Tensor(
      torch.rotary_attention(
        handle, keys.handle, values.handle, packing.handle, angles.handle, cache?.keys.handle, cache?.values.handle,
        Int32(heads.queries), Int32(heads.keys), heads.scale, Int64(heads.window)), "rotary attention")
  }

  /// Every number times a factor.
  public func scaled(by factor: Double) throws -> Tensor { try Tensor(torch.scaled(handle, factor), "scale") }

  /// What each row of x [n, d] has in common with each word [V, d], as 32-bit floats: [n, V].
  public func logits(of words: Tensor) throws -> Tensor { try Tensor(torch.logits(handle, words.handle), "logits") }

  /// log softmax(x wordsᵀ) of one word for each row of x [n, d]: [n]. In pieces: all logits are never there at once.
  public func logLikelihoods(of targets: Tensor, among words: Tensor) throws -> Tensor {
    try Tensor(torch.log_likelihoods(handle, words.handle, targets.handle), "log-likelihoods")
  }

  /// The logarithm of the softmax of the last dimension.
  public func logSoftmax() throws -> Tensor { try Tensor(torch.log_softmax(handle), "log softmax") }

  /// A token of each row of logits [n, V], drawn from softmax(logits / temperature).
  ///
  /// - Parameter uniforms: [n], in 0 ..< 1.
  public func drawn(temperature: Double, by uniforms: Tensor) throws -> Tensor {
    try Tensor(torch.draw(handle, temperature, uniforms.handle), "draw")
  }
}
