import Foundation
import Safetensors

/// A decoder of two layers as Hugging Face's libraries write it, of random weights, with the few tokens that sums need.
public struct TinyLanguageModel {
  private static let (width, heads, keyHeads, headWidth, layers, inner) = (32, 4, 2, 8, 2, 64)
  /// The last is a line break, as byte-level tokenizers write it.
  private static let tokens = ["<|endoftext|>"] + (0...9).map { "\($0)" } + ["+", "=", "?", "!", "\u{10A}"]
  public var seed: UInt64 = 1

  public init() {}

  public func write(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try write(
      [
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": Self.width,
        "num_attention_heads": Self.heads, "head_dim": Self.headWidth, "num_key_value_heads": Self.keyHeads,
        "num_hidden_layers": Self.layers, "intermediate_size": Self.inner, "vocab_size": Self.tokens.count,
        "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "hidden_act": "silu",
        "rope_theta": 10000.0, "bos_token_id": 0, "eos_token_id": 0,
      ], to: "\(folder)/config.json")
    let bytes: [String: Any] = [
      "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false,
    ]
    try write(
      [
        "version": "1.0",
        "added_tokens": [
          [
            "id": 0, "content": Self.tokens[0], "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true,
          ] as [String: Any]
        ],
        "pre_tokenizer": bytes, "decoder": bytes,
        "model": [
          "type": "BPE", "vocab": Dictionary(uniqueKeysWithValues: Self.tokens.enumerated().map { ($1, $0) }),
          "merges": [String](),
        ] as [String: Any],
      ], to: "\(folder)/tokenizer.json")
    try weights().file.write(to: URL(filePath: "\(folder)/model.safetensors"), options: .atomic)
  }

  private func write(_ object: [String: Any], to path: String) throws {
    try JSONSerialization.data(withJSONObject: object, options: .sortedKeys).write(to: URL(filePath: path))
  }

  private func weights() -> Safetensors {
    let (queries, keys) = (Self.heads * Self.headWidth, Self.keyHeads * Self.headWidth)
    var shapes: [(String, [Int])] = [
      ("model.embed_tokens", [Self.tokens.count, Self.width]), ("model.norm", [Self.width]),
    ]
    for layer in 0..<Self.layers {
      shapes += [
        ("input_layernorm", [Self.width]), ("post_attention_layernorm", [Self.width]),
        ("self_attn.q_proj", [queries, Self.width]), ("self_attn.k_proj", [keys, Self.width]),
        ("self_attn.v_proj", [keys, Self.width]), ("self_attn.o_proj", [Self.width, queries]),
        ("mlp.gate_proj", [Self.inner, Self.width]), ("mlp.up_proj", [Self.inner, Self.width]),
        ("mlp.down_proj", [Self.width, Self.inner]),
      ].map { ("model.layers.\(layer).\($0)", $1) }
    }
    var (file, state) = (Safetensors(), seed)
    file.metadata = ["format": "pt"]
    for (name, shape) in shapes {
      let values = (0..<shape.reduce(1, *)).map { _ -> Float in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let uniform = Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max)
        return shape.count == 1 ? 1 : uniform * 2 / Float(shape[1]).squareRoot()
      }
      values.withUnsafeBytes { file.append([("\(name).weight", shape)], type: .float32, data: $0) }
    }
    return file
  }
}
