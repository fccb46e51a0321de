extension DecoderConfiguration {
  /// What the keys of a GGUF file say.
  init(_ gguf: GGUF) throws(ModelFileError) {
    let path = gguf.file.path
    guard case .text(let architecture) = gguf.metadata["general.architecture"] else {
      throw ModelFileError(path, "the key “general.architecture” is missing")
    }
    guard let family = Family(rawValue: architecture) else {
      throw ModelFileError(
        path,
        "its architecture is \(architecture.quoted); known are \(Family.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
    guard let embeddings = gguf.tensors.first(where: { $0.name == "token_embd.weight" }), embeddings.shape.count == 2
    else {
      throw ModelFileError(path, "it has no tensor “token_embd.weight” of two dimensions")
    }
    let prefix = "\(architecture)."
    var settings = Settings(file: path, prefix: prefix, gguf.metadata.under(prefix))
    let width = try settings.integer("embedding_length", in: Self.dimensions)
    let heads = try settings.integer("attention.head_count", in: Self.dimensions)
    let headWidth = try settings.integer("attention.key_length", in: Self.dimensions, or: max(1, width / heads))
    let layers = try settings.integer("block_count", in: 1...4096)
    self.init(
      family: family, layers: layers, width: width, heads: heads,
      keyValueHeads: try settings.integer("attention.head_count_kv", in: Self.dimensions, or: heads),
      headWidth: headWidth,
      feedForward: try settings.integer("feed_forward_length", in: Self.dimensions),
      vocabulary: try settings.integer("vocab_size", or: embeddings.shape[0]),
      context: try settings.integer("context_length", in: 1...(1 << 30)),
      normEpsilon: try settings.number("attention.layer_norm_rms_epsilon", in: 0...1),
      ropeTheta: try settings.number("rope.freq_base", in: 1...1e12, or: family == .gemma3 ? 1_000_000 : 10_000),
      isWindowed: [Bool](repeating: false, count: layers),
      attentionScale: try settings.number("attention.scale", in: 1e-6...1e6, or: 1 / Double(headWidth).squareRoot()),
      isTied: !gguf.tensors.contains { $0.name == "output.weight" })
    try settings.requireEqual("attention.value_length", headWidth)
    try settings.requireEqual("rope.dimension_count", headWidth)
    try settings.requireEqual("rope.dimension_count_swa", headWidth)
    try settings.requireEqual("attention.key_length_swa", headWidth)
    try settings.requireEqual("attention.value_length_swa", headWidth)
    try settings.require("rope.scaling.type", "none", "linear")
    if try settings.text("rope.scaling.type") == "linear" {
      ropeFactor = try settings.number("rope.scaling.factor", in: 1...1e6)
    }
    if family == .gemma3 { try windows(&settings) }
    try settings.finish(without: [
      "rope.scaling.factor", "rope.scaling.finetuned", "rope.scaling.original_context_length",
    ])
    (beginning, ends) = try Self.marks(gguf)
    try check(path)
  }

  /// Gemma's: every sixth layer sees all tokens.
  private mutating func windows(_ settings: inout Settings) throws(ModelFileError) {
    (activation, embeddingScale) = (.gelu, Double(width).squareRoot())
    window = try settings.integer("attention.sliding_window", in: 1...(1 << 30))
    windowTheta = try settings.number("rope.freq_base_swa", in: 1...1e12, or: 10_000)
    let period = try settings.integer("attention.sliding_window_pattern", in: 1...4096, or: 6)
    isWindowed = (1...layers).map { !$0.isMultiple(of: period) }
  }

  /// The first token of a text, where the file asks for one, and the last ones of an answer.
  private static func marks(_ gguf: GGUF) throws(ModelFileError) -> (Int?, [Int]) {
    let prefix = "tokenizer.ggml."
    var settings = Settings(file: gguf.file.path, prefix: prefix, gguf.metadata.under(prefix))
    let beginning = try settings.integers("bos_token_id").first
    var ends: [Int] = []
    for key in ["eos_token_id", "eot_token_id", "eom_token_id"] {
      for token in try settings.integers(key) where !ends.contains(token) { ends.append(token) }
    }
    return (beginning, ends)
  }
}

extension [String: Metadata] {
  /// What stands under keys that begin so, without that beginning.
  func under(_ prefix: String) -> [String: Metadata] {
    Dictionary(
      uniqueKeysWithValues: filter { $0.key.hasPrefix(prefix) }.map {
        (String($0.key.dropFirst(prefix.count)), $0.value)
      })
  }
}

extension Settings {
  /// - Throws: unless it is this, or not there.
  mutating func requireEqual(_ key: String, _ number: Int) throws(ModelFileError) {
    _ = try integer(key, in: number...number, or: number)
  }
}
