extension DecoderConfiguration {
  /// Keys of `config.json` that say nothing about what the model computes.
  private static let harmless: Set<String> = [
    "_name_or_path", "architectures", "attention_dropout", "auto_map", "cache_implementation", "dtype",
    "initializer_range", "is_llama_config", "max_window_layers", "pad_token_id", "pretraining_tp", "sliding_window",
    "torch_dtype", "transformers.js_config", "transformers_version", "use_cache", "_sliding_window_pattern",
  ]
  private static let familyNames: [String: Family] = ["llama": .llama, "qwen2": .qwen2, "gemma3_text": .gemma3]

  /// What a `config.json` of Hugging Face's says.
  init(config file: MappedFile) throws(ModelFileError) {
    let json = try JSON(file, limit: 16 << 20)
    guard case .object(let values) = try Metadata(json, file: file.path) else {
      throw ModelFileError(file.path, "it is no JSON object")
    }
    var settings = Settings(file: file.path, values)
    let type = try settings.text("model_type") ?? ""
    guard let family = Self.familyNames[type] else {
      throw ModelFileError(
        file.path,
        "its key “model_type” is \(type.quoted); known are \(Self.familyNames.keys.sorted().joined(separator: ", "))")
    }
    if let name = try settings.texts("architectures")?.first, !name.hasSuffix("ForCausalLM") {
      throw ModelFileError(file.path, "its architecture is \(name.quoted); known are those that end in ForCausalLM")
    }
    let width = try settings.integer("hidden_size", in: Self.dimensions)
    let heads = try settings.integer("num_attention_heads", in: Self.dimensions)
    let headWidth = try settings.integer(
      "head_dim", in: Self.dimensions, or: family == .gemma3 ? 256 : max(1, width / heads))
    let layers = try settings.integer("num_hidden_layers", in: 1...4096)
    self.init(
      family: family, layers: layers, width: width, heads: heads,
      keyValueHeads: try settings.integer("num_key_value_heads", in: Self.dimensions, or: heads), headWidth: headWidth,
      feedForward: try settings.integer("intermediate_size", in: Self.dimensions),
      vocabulary: try settings.integer("vocab_size"),
      context: try settings.integer("max_position_embeddings", in: 1...(1 << 30)),
      normEpsilon: try settings.number("rms_norm_eps", in: 0...1, or: 1e-6), ropeTheta: 10_000,
      isWindowed: [Bool](repeating: false, count: layers), attentionScale: 1 / Double(headWidth).squareRoot(),
      isTied: try settings.truth("tie_word_embeddings", or: family == .gemma3))
    if family == .gemma3 {
      try gemma(&settings)
    } else {
      try settings.require("hidden_act", "silu")
    }
    try ropes(&settings)
    beginning = try settings.integers("bos_token_id").first
    ends = try settings.integers("eos_token_id")
    // Qwen's files name a window that they do not use; where `use_sliding_window` is true, that key is one that is not known.
    try settings.finish(without: Self.harmless)
    try check(file.path)
  }

  private mutating func gemma(_ settings: inout Settings) throws(ModelFileError) {
    (activation, embeddingScale) = (.gelu, Double(width).squareRoot())
    try settings.require("hidden_activation", "gelu_pytorch_tanh")
    try settings.require("hidden_act", "gelu_pytorch_tanh")
    attentionScale = 1 / (try settings.number("query_pre_attn_scalar", in: 1e-3...1e9, or: 256)).squareRoot()
    window = try settings.integer("sliding_window", in: 1...(1 << 30), or: 4096)
    let period = try settings.integer("sliding_window_pattern", in: 1...4096, or: 6)
    isWindowed = (1...layers).map { !$0.isMultiple(of: period) }
    guard let types = try settings.texts("layer_types") else { return }
    guard types.count == layers, types.allSatisfy({ ["full_attention", "sliding_attention"].contains($0) }) else {
      throw ModelFileError(
        settings.file, "the key “layer_types” does not say full_attention or sliding_attention of \(layers) layers")
    }
    isWindowed = types.map { $0 == "sliding_attention" }
  }

  /// How positions turn: under one key today, under several in older files.
  private mutating func ropes(_ settings: inout Settings) throws(ModelFileError) {
    let standard = family == .gemma3 ? 1_000_000.0 : 10_000
    ropeTheta = try settings.number("rope_theta", in: 1...1e12, or: standard)
    windowTheta = try settings.number("rope_local_base_freq", in: 1...1e12, or: 10_000)
    if var scaling = try settings.object("rope_scaling") { try rope(&scaling) }
    guard var parameters = try settings.object("rope_parameters") else { return }
    guard family == .gemma3, var full = try parameters.object("full_attention") else { return try rope(&parameters) }
    try rope(&full)
    if var windowed = try parameters.object("sliding_attention") {
      try windowed.require("rope_type", "default")
      windowTheta = try windowed.number("rope_theta", in: 1...1e12, or: 10_000)
      try windowed.finish()
    }
    try parameters.finish()
  }

  private mutating func rope(_ settings: inout Settings) throws(ModelFileError) {
    for key in ["rope_type", "type"] {
      try settings.require(key, "default", "linear")
      if try settings.text(key) == "linear" { ropeFactor = try settings.number("factor", in: 1...1e6) }
    }
    ropeTheta = try settings.number("rope_theta", in: 1...1e12, or: ropeTheta)
    try settings.finish(without: ["factor"])
  }
}
