import ModelFiles

/// One of the seven linear maps of a layer, by Hugging Face's name.
public enum Projection: String, CaseIterable, Sendable {
  case query = "self_attn.q_proj"
  case key = "self_attn.k_proj"
  case value = "self_attn.v_proj"
  case output = "self_attn.o_proj"
  case gate = "mlp.gate_proj"
  case up = "mlp.up_proj"
  case down = "mlp.down_proj"

  var isAttention: Bool { rawValue.hasPrefix("self_attn") }

  /// The tensor's name without `.weight` or `.bias`.
  func name(layer: Int) -> String { "model.layers.\(layer).\(rawValue)" }
}

extension DecoderConfiguration {
  /// Numbers that go in and that come out.
  func size(of projection: Projection) -> (inputs: Int, outputs: Int) {
    let (queries, keys) = (heads * headWidth, keyValueHeads * headWidth)
    return switch projection {
    case .query: (width, queries)
    case .key, .value: (width, keys)
    case .output: (queries, width)
    case .gate, .up: (width, feedForward)
    case .down: (feedForward, width)
    }
  }

  func hasBias(_ projection: Projection) -> Bool {
    hasBiases && (projection == .query || projection == .key || projection == .value)
  }
}
