import ModelFiles

extension Tokenizer {
  /// The numbers by which GGUF files tell tokens apart.
  private enum Kind {
    static let normal = 1
    static let unknown = 2
    static let control = 3
    static let userDefined = 4
    static let byte = 6
  }

  /// The tokenizer that a GGUF file's keys describe.
  ///
  /// - Parameter file: its path, for sentences.
  /// - Throws: ``ModelFileError`` if it is none that is known, or damaged.
  public init(gguf keys: [String: Metadata], file: String) throws(ModelFileError) {
    let keys = GGUFTokens(keys: keys, file: file)
    guard let texts = try keys.texts("tokens") else { throw keys.error("tokens", "is missing") }
    let kinds = try keys.integers("token_type", count: texts.count) ?? Array(repeating: Kind.normal, count: texts.count)
    var vocabulary = Vocabulary(file: file)
    for (index, text) in texts.enumerated() { try vocabulary.insert(text, index) }
    var parts = TokenizerParts()
    parts.texts = texts
    for (index, text) in texts.enumerated() {
      guard [Kind.unknown, Kind.control, Kind.userDefined].contains(kinds[index]) else { continue }
      parts.added.append(
        .init(text: text, token: Int32(index), isSpecial: kinds[index] != Kind.userDefined, isNormalized: false))
    }
    let model: BytePairModel
    let isFramed: Bool
    switch try keys.text("model") {
    case "gpt2": (model, isFramed) = try Self.byteLevel(keys, vocabulary, &parts)
    case "llama": (model, isFramed) = (try Self.sentencePiece(keys, vocabulary, kinds, &parts), true)
    case let name: throw keys.error("model", "is “\(name?.prefix(80) ?? "")”; known are gpt2 and llama")
    }
    if try keys.truth("add_bos_token") ?? isFramed {
      parts.frame.before = [try keys.token("bos_token_id", texts.count)]
    }
    if try keys.truth("add_eos_token") ?? false { parts.frame.after = [try keys.token("eos_token_id", texts.count)] }
    self.init(parts, model: .bytePairs(model))
  }

  private static func byteLevel(
    _ keys: GGUFTokens, _ vocabulary: Vocabulary, _ parts: inout TokenizerParts
  ) throws(ModelFileError) -> (BytePairModel, isFramed: Bool) {
    let pre = try keys.text("pre") ?? "none"
    guard let style = styles[pre] else {
      throw keys.error("pre", "is “\(pre.prefix(80))”; known are \(styles.keys.sorted().joined(separator: ", "))")
    }
    (parts.normalizers, parts.splitters) = (style.normalizers, style.splitters)
    var whole: [[UInt8]: Int32] = [:]
    if style.ignoresMerges {
      for (text, token) in vocabulary.tokens {
        if let bytes = ByteAlphabet.bytes(of: text) { whole[bytes] = token }
      }
    }
    let pairs = try vocabulary.pairs(try keys.merges())
    let model = BytePairModel(alphabet: .bytes(vocabulary.byteAlphabet()), pairs: pairs, whole: whole)
    return (model, style.ignoresMerges)
  }

  private static func sentencePiece(
    _ keys: GGUFTokens, _ vocabulary: Vocabulary, _ kinds: [Int], _ parts: inout TokenizerParts
  ) throws(ModelFileError) -> BytePairModel {
    let scores = try keys.numbers("scores", count: kinds.count)
    let mergeable = kinds.map { $0 == Kind.normal || $0 == Kind.userDefined }
    let isPrefixed = try keys.truth("add_space_prefix") ?? true
    parts.normalizers = (isPrefixed ? [.prepend("▁")] : []) + [.replace(" ", with: "▁")]
    parts.decoding = .pieces(blank: "▁", hasBytes: true, beginning: .blanks(isPrefixed ? 1 : 0))
    return BytePairModel(
      alphabet: .characters(
        vocabulary.characters(), bytes: byteTokens(vocabulary.tokens),
        unknown: kinds.firstIndex(of: Kind.unknown).map { Int32($0) }, fusesUnknown: true),
      pairs: vocabulary.pairs(scores: scores, mergeable: mergeable))
  }

  private struct ByteLevelStyle {
    var normalizers: [Normalizer] = []
    var splitters: [Splitter]
    var ignoresMerges = false
  }

  private static let styles: [String: ByteLevelStyle] = [
    "gpt-2": .init(splitters: [.words(.gpt2)]),
    "smollm": .init(splitters: [.digits(individually: true), .words(.gpt2)]),
    // As the model was trained; llama.cpp does not compose.
    "qwen2": .init(normalizers: [.composed], splitters: [.words(.qwen2)]),
    "llama-bpe": .init(splitters: [.words(.llama3)], ignoresMerges: true),
  ]
}

/// The keys of a GGUF file that begin with `tokenizer.ggml`.
private struct GGUFTokens {
  let keys: [String: Metadata]
  let file: String

  func error(_ key: String, _ fault: String) -> ModelFileError {
    ModelFileError(file, "the key “tokenizer.ggml.\(key)” \(fault)")
  }

  private subscript(_ key: String) -> Metadata? { keys["tokenizer.ggml.\(key)"] }

  func text(_ key: String) throws(ModelFileError) -> String? {
    switch self[key] {
    case .text(let text): return text
    case nil: return nil
    default: throw error(key, "is not a text")
    }
  }

  func truth(_ key: String) throws(ModelFileError) -> Bool? {
    switch self[key] {
    case .truth(let truth): return truth
    case nil: return nil
    default: throw error(key, "is neither true nor false")
    }
  }

  func token(_ key: String, _ count: Int) throws(ModelFileError) -> Int32 {
    guard case .integer(let token) = self[key], (0..<count).contains(token) else {
      throw error(key, "is not the number of a token, 0 to \(count - 1)")
    }
    return Int32(token)
  }

  func texts(_ key: String) throws(ModelFileError) -> [String]? {
    switch self[key] {
    case .texts(let texts): return texts
    case nil: return nil
    default: throw error(key, "is not a list of texts")
    }
  }

  func integers(_ key: String, count: Int) throws(ModelFileError) -> [Int]? {
    switch self[key] {
    case .integers(let values) where values.count == count: return values
    case nil: return nil
    default: throw error(key, "is not a list of \(count) whole numbers, one a token")
    }
  }

  func numbers(_ key: String, count: Int) throws(ModelFileError) -> [Double] {
    guard case .numbers(let values) = self[key], values.count == count, values.allSatisfy(\.isFinite) else {
      throw error(key, "is not a list of \(count) numbers, one a token")
    }
    return values
  }

  func merges() throws(ModelFileError) -> [(String, String)] {
    guard let merges = try texts("merges") else { throw error("merges", "is missing") }
    var pairs: [(String, String)] = []
    for (index, merge) in merges.enumerated() {
      guard let pair = Vocabulary.pair(merge) else { throw error("merges", "has no two texts as merge \(index + 1)") }
      pairs.append(pair)
    }
    return pairs
  }
}
