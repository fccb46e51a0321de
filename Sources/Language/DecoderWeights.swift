import Foundation
import ModelFiles
import Torch

/// A language model's numbers, on one device. They belong to the thread that made them, as tensors do.
public struct DecoderWeights {
  /// A linear map.
  struct Map {
    var weight: Tensor
    var bias: Tensor?
  }

  /// One layer's.
  struct Layer {
    var maps: [Projection: Map]
    /// Before attention and before the feed-forward part.
    let attentionNorm, feedForwardNorm: Tensor
    /// Of what comes out of the two, before it is added to what went in.
    let afterAttention, afterFeedForward: Tensor?
    /// Of each head.
    let queryNorm, keyNorm: Tensor?
    let angles: Tensor
    let heads: Tensor.Heads
  }

  public let configuration: DecoderConfiguration
  public let type: NumberType
  public let device: Device
  /// The most tokens of a sequence.
  public let positions: Int
  let embeddings: Tensor
  var layers: [Layer]
  let norm: Tensor
  /// Of the last map, to the vocabulary.
  let words: Tensor

  /// - Parameters:
  ///   - positions: the most tokens of a sequence, if fewer than the model was made for.
  ///   - tensor: makes the tensor of a name and a shape, of 32-bit floats or of another type, where the model is to be.
  public init(
    _ configuration: DecoderConfiguration, _ type: NumberType, positions: Int = .max, device: Device,
    tensor: (_ name: String, _ shape: [Int], _ type: NumberType) throws -> Tensor
  ) throws {
    self.configuration = configuration
    self.type = type
    self.device = device
    self.positions = min(positions, configuration.context)
    func norm(_ name: String, _ width: Int) throws -> Tensor { try tensor("\(name).weight", [width], .float32) }

    let (width, isGemma) = (configuration.width, configuration.family == .gemma3)
    embeddings = try tensor("model.embed_tokens.weight", [configuration.vocabulary, width], type)
    let everywhere = try configuration.angles(self.positions, inWindow: false, device)
    let inWindow =
      configuration.window > 0 ? try configuration.angles(self.positions, inWindow: true, device) : everywhere
    layers = try (0..<configuration.layers).map { index in
      let name = "model.layers.\(index)"
      var maps: [Projection: Map] = [:]
      for projection in Projection.allCases {
        let (name, size) = (projection.name(layer: index), configuration.size(of: projection))
        maps[projection] = Map(
          weight: try tensor("\(name).weight", [size.outputs, size.inputs], type),
          bias: configuration.hasBias(projection) ? try tensor("\(name).bias", [size.outputs], type) : nil)
      }
      let isWindowed = configuration.isWindowed[index]
      return Layer(
        maps: maps, attentionNorm: try norm("\(name).input_layernorm", width),
        feedForwardNorm: try norm(
          isGemma ? "\(name).pre_feedforward_layernorm" : "\(name).post_attention_layernorm", width),
        afterAttention: isGemma ? try norm("\(name).post_attention_layernorm", width) : nil,
        afterFeedForward: isGemma ? try norm("\(name).post_feedforward_layernorm", width) : nil,
        queryNorm: isGemma ? try norm("\(name).self_attn.q_norm", configuration.headWidth) : nil,
        keyNorm: isGemma ? try norm("\(name).self_attn.k_norm", configuration.headWidth) : nil,
        angles: isWindowed ? inWindow : everywhere,
        heads: Tensor.Heads(
          queries: configuration.heads, keys: configuration.keyValueHeads, scale: configuration.attentionScale,
          window: isWindowed ? configuration.window : 0))
    }
    self.norm = try norm("model.norm", width)
    words = configuration.isTied ? embeddings : try tensor("lm_head.weight", [configuration.vocabulary, width], type)
  }

  /// The same with an adapter's maps added to the matrices, which are copies then.
  public func merged(with adapter: LowRankAdapter, _ p: Parameters) throws -> DecoderWeights {
    var merged = self
    for (index, layer) in layers.enumerated() {
      for (projection, map) in layer.maps {
        guard let beside = adapter.map(projection, layer: index, p) else { continue }
        merged.layers[index].maps[projection] = Map(weight: try map.weight.merged(with: beside), bias: map.bias)
      }
    }
    return merged
  }
}

extension DecoderConfiguration {
  /// By which heads turn: [positions, headWidth], cosines and then sines.
  fileprivate func angles(_ positions: Int, inWindow: Bool, _ device: Device) throws -> Tensor {
    let half = headWidth / 2
    // In 32 bits, as reference implementations do: far from the start, more would be another angle.
    let speeds = (0..<half).map { pair in
      Float(
        pow(inWindow ? windowTheta : ropeTheta, -2 * Double(pair) / Double(headWidth)) / (inWindow ? 1 : ropeFactor))
    }
    var table = [Float](repeating: 0, count: positions * headWidth)
    for position in 0..<positions {
      for (pair, speed) in speeds.enumerated() {
        let angle = Float(position) * speed
        table[position * headWidth + pair] = cos(angle)
        table[position * headWidth + half + pair] = sin(angle)
      }
    }
    return try Tensor(table, shape: [positions, headWidth], device: device)
  }
}
