import Foundation
import Reference
import Safetensors

/// A llama of one layer, 4 wide, with 2 heads of 2 and 3 tokens, whose numbers count upwards; as either kind of files, and
/// with faults.
struct TinyModel {
  /// By GGUF's names, in the order of the file; row-major shapes.
  var tensors: [(name: String, shape: [Int])] = [
    ("token_embd.weight", [3, 4]), ("blk.0.attn_norm.weight", [4]), ("blk.0.attn_q.weight", [8, 4]),
    ("blk.0.attn_k.weight", [4, 4]), ("blk.0.attn_v.weight", [4, 4]), ("blk.0.attn_output.weight", [4, 8]),
    ("blk.0.ffn_norm.weight", [4]), ("blk.0.ffn_gate.weight", [6, 4]), ("blk.0.ffn_up.weight", [6, 4]),
    ("blk.0.ffn_down.weight", [4, 6]), ("output_norm.weight", [4]),
  ]
  var version: UInt32 = 3
  var type: UInt32 = 0
  /// Keys, and their values with their types.
  var keys: [(String, [UInt8])] = [
    ("general.architecture", text("llama")), ("llama.context_length", integer(16)),
    ("llama.embedding_length", integer(4)),
    ("llama.block_count", integer(1)), ("llama.feed_forward_length", integer(6)),
    ("llama.attention.head_count", integer(2)), ("llama.attention.head_count_kv", integer(1)),
    ("llama.attention.key_length", integer(4)), ("llama.attention.value_length", integer(4)),
    ("llama.attention.layer_norm_rms_epsilon", number(1e-5)), ("general.alignment", integer(32)),
  ]
  /// Where a tensor is said to be, instead.
  var places: [String: UInt64] = [:]
  /// Of tensors and keys.
  var counts: (UInt64?, UInt64?) = (nil, nil)

  subscript(_ key: String) -> [UInt8]? {
    get { keys.first { $0.0 == key }?.1 }
    set {
      keys.removeAll { $0.0 == key }
      if let newValue { keys.append((key, newValue)) }
    }
  }

  static func little(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian, Array.init)
  }
  static func string(_ text: String) -> [UInt8] { little(UInt64(text.utf8.count)) + text.utf8 }
  static func text(_ text: String) -> [UInt8] { little(UInt32(8)) + string(text) }
  static func integer(_ value: UInt32) -> [UInt8] { little(UInt32(4)) + little(value) }
  static func number(_ value: Float) -> [UInt8] { little(UInt32(6)) + little(value.bitPattern) }

  /// The numbers of tensor number `index`.
  func values(_ index: Int) -> [Float] {
    (0..<tensors[index].shape.reduce(1, *)).map { Float(index * 100 + $0) / 8 }
  }

  var gguf: [UInt8] {
    var bytes = Array("GGUF".utf8) + Self.little(version)
    bytes += Self.little(counts.0 ?? UInt64(tensors.count)) + Self.little(counts.1 ?? UInt64(keys.count))
    for (key, value) in keys { bytes += Self.string(key) + value }
    var data: [UInt8] = []
    for (index, (name, shape)) in tensors.enumerated() {
      bytes += Self.string(name) + Self.little(UInt32(shape.count))
      for dimension in shape.reversed() { bytes += Self.little(UInt64(bitPattern: Int64(dimension))) }
      bytes += Self.little(type) + Self.little(places[name] ?? UInt64(data.count))
      for value in shape.allSatisfy({ $0 < 1000 }) ? values(index) : [] { data += Self.little(value.bitPattern) }
      data += [UInt8](repeating: 0, count: (32 - data.count % 32) % 32)
    }
    return bytes + [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32) + data
  }

  static var config: [String: Any] {
    [
      "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4, "num_attention_heads": 2,
      "head_dim": 4,
      "num_key_value_heads": 1, "num_hidden_layers": 1, "intermediate_size": 6, "vocab_size": 3,
      "max_position_embeddings": 16, "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "hidden_act": "silu",
      "rope_theta": 10000.0, "rope_scaling": NSNull(), "torch_dtype": "float32", "bos_token_id": 1,
      "eos_token_id": [2, 0],
    ]
  }
  static let names = [
    "model.embed_tokens", "model.layers.0.input_layernorm", "model.layers.0.self_attn.q_proj",
    "model.layers.0.self_attn.k_proj", "model.layers.0.self_attn.v_proj", "model.layers.0.self_attn.o_proj",
    "model.layers.0.post_attention_layernorm", "model.layers.0.mlp.gate_proj", "model.layers.0.mlp.up_proj",
    "model.layers.0.mlp.down_proj", "model.norm",
  ].map { "\($0).weight" }

  /// Writes the files of a folder, the weights in two of them; rows are in Hugging Face's order.
  func writeFolder(_ folder: ScratchFolder, config: [String: Any] = Self.config) throws {
    try folder.write(try JSONSerialization.data(withJSONObject: config), to: "config.json")
    var map: [String: String] = [:]
    for (part, range) in [0..<4, 4..<tensors.count].enumerated() {
      var file = Safetensors()
      for index in range {
        values(index).withUnsafeBytes {
          file.append([(Self.names[index], tensors[index].shape)], type: .float32, data: $0)
        }
        map[Self.names[index]] = "model-\(part).safetensors"
      }
      try folder.write(try file.file, to: "model-\(part).safetensors")
    }
    try folder.write(
      try JSONSerialization.data(withJSONObject: ["metadata": [:], "weight_map": map]),
      to: "model.safetensors.index.json")
  }
}
