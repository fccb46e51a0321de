import ModelFiles
import Torch

/// A decoder-only transformer: the Llama family and Gemma 3, with an adapter beside its weights or without.
///
/// Tokens of many sequences are the rows of one tensor, see ``Torch/Packing``.
public struct Decoder {
  public let weights: DecoderWeights
  /// What is trained beside the weights; nil: nothing is.
  public let adapter: LowRankAdapter?

  public init(_ weights: DecoderWeights, _ adapter: LowRankAdapter? = nil) {
    self.weights = weights
    self.adapter = adapter
  }

  var configuration: DecoderConfiguration { weights.configuration }

  /// What the model makes of each token, after the last norm: [tokens, width].
  ///
  /// - Parameters:
  ///   - tokens: of all runs, one behind the other.
  ///   - cache: has the tokens before these.
  ///   - p: of the adapter; nil if there is none.
  func callAsFunction(_ tokens: [Int32], _ packing: Packing, cache: KeyValueCache? = nil, _ p: Parameters?) throws
    -> Tensor
  {
    var x = try weights.embeddings.embedding(
      of: Tensor(tokens: tokens, shape: [tokens.count], device: weights.device))
    if configuration.embeddingScale != 1 { x = try x.scaled(by: configuration.embeddingScale) }
    for index in 0..<configuration.layers {
      let layer = DecoderLayer(configuration: configuration, weights: weights.layers[index]) { projection in
        guard let p else { return nil }
        return adapter?.map(projection, layer: index, p)
      }
      x = try layer(x, packing, cache: cache?[index])
    }
    return try x.rmsNorm(weights.norm, epsilon: configuration.normEpsilon)
  }
}

/// One layer: attention, and a gated feed-forward part.
private struct DecoderLayer {
  let configuration: DecoderConfiguration
  let weights: DecoderWeights.Layer
  let beside: (Projection) -> Tensor.LowRank?

  func callAsFunction(_ x: Tensor, _ packing: Packing, cache: (keys: Tensor, values: Tensor)?) throws -> Tensor {
    let read = try norm(x, weights.attentionNorm)
    let queries = try ofHeads(map(.query, read), weights.queryNorm)
    let keys = try ofHeads(map(.key, read), weights.keyNorm)
    let attended = try queries.rotaryAttention(
      to: keys, map(.value, read), weights.heads, in: packing, angles: weights.angles, cache: cache)
    let between = try add(.output, attended, to: x, normalisedBy: weights.afterAttention)
    let inner = try norm(between, weights.feedForwardNorm)
    let gated = try map(.gate, inner).gating(map(.up, inner), configuration.activation == .gelu ? .gelu : .silu)
    return try add(.down, gated, to: between, normalisedBy: weights.afterFeedForward)
  }

  private func map(_ projection: Projection, _ x: Tensor, around: Tensor? = nil) throws -> Tensor {
    guard let map = weights.maps[projection] else {
      throw TorchError(operation: projection.rawValue, reason: "the layer has no such map")
    }
    return try x.linear(map.weight, map.bias, beside(projection), around: around)
  }

  private func norm(_ x: Tensor, _ gain: Tensor) throws -> Tensor {
    try x.rmsNorm(gain, epsilon: configuration.normEpsilon)
  }

  /// Each head by itself.
  private func ofHeads(_ x: Tensor, _ gain: Tensor?) throws -> Tensor {
    guard let gain else { return x }
    let shape = x.shape
    return try norm(x.reshaped([-1, configuration.headWidth]), gain).reshaped(shape)
  }

  private func add(_ projection: Projection, _ x: Tensor, to around: Tensor, normalisedBy gain: Tensor?) throws
    -> Tensor
  {
    guard let gain else { return try map(projection, x, around: around) }
    return try norm(map(projection, x), gain) + around
  }
}
