import Torch

/// Keys and values of the tokens that sequences have so far, layer by layer.
struct KeyValueCache {
  private let layers: [(keys: Tensor, values: Tensor)]

  /// - Parameters:
  ///   - slots: sequences.
  ///   - length: the most tokens of one.
  init(slots: Int, length: Int, for weights: DecoderWeights) throws {
    let shape = [slots, length, weights.configuration.keyValueHeads * weights.configuration.headWidth]
    layers = try (0..<weights.configuration.layers).map { _ in
      let keys = try Tensor(zeros: shape, weights.type, device: weights.device)
      return (keys, try Tensor(zeros: shape, weights.type, device: weights.device))
    }
  }

  subscript(layer: Int) -> (keys: Tensor, values: Tensor) { layers[layer] }

  /// Gives all sequences the first tokens of the one in slot 0.
  func share(_ tokens: Int, among slots: Int) throws {
    for layer in layers {
      for tensor in [layer.keys, layer.values] {
        let first = try tensor.narrowed(0, 0..<1).narrowed(1, 0..<tokens)
        for slot in 1..<slots { try tensor.narrowed(0, slot..<slot + 1).write(first, at: 0) }
      }
    }
  }

  /// Numbers that a sequence's token leaves in it.
  static func numbers(aTokenOf weights: DecoderWeights) -> Int {
    let configuration = weights.configuration
    return 2 * configuration.layers * configuration.keyValueHeads * configuration.headWidth
  }
}
