import ModelFiles

extension Tokenizer {
  private static let largestFile = 256 << 20

  /// The tokenizer that a `tokenizer.json` of Hugging Face's describes.
  ///
  /// - Throws: ``ModelFileError`` if it asks for something that is not done here, or is damaged.
  public init(file path: String) throws(ModelFileError) { try self.init(json: MappedFile(path)) }

  package init(json file: MappedFile) throws(ModelFileError) {
    let root = Component(file: file.path, place: "tokenizer", json: try JSON(file, limit: Self.largestFile))
    try root.allow(
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
      "model")
    guard let component = root.child("model") else { throw root.error("has no model") }
    var parts = TokenizerParts()
    for part in try root.child("normalizer")?.flat("normalizers") ?? [] {
      parts.normalizers += try Normalizer.read(part)
    }
    for part in try root.child("pre_tokenizer")?.flat("pretokenizers") ?? [] { try parts.readPreTokenizer(part) }
    let vocabulary: Vocabulary
    let model: Model
    switch component.type {
    case "Unigram": (model, vocabulary) = try Self.unigram(component)
    // The oldest files do not say what they are.
    case "BPE",
      "" where component.json["merges"] != nil:
      (model, vocabulary) = try parts.bytePairs(component)
    default: throw component.error("is a “\(component.type.prefix(80))”; known are BPE and Unigram")
    }
    parts.texts = try vocabulary.texts()
    if root.child("added_tokens") != nil {
      for token in try root.children("added_tokens") { try parts.readAdded(token) }
    }
    guard let decoder = root.child("decoder") else { throw root.error("has no decoder, and so no way back to text") }
    try parts.readDecoder(try decoder.flat("decoders"))
    for part in try root.child("post_processor")?.flat("processors") ?? [] { try parts.readFrame(part) }
    self.init(parts, model: model)
  }

  private static func unigram(_ component: Component) throws(ModelFileError) -> (Model, Vocabulary) {
    try component.allow("unk_id", "vocab", "byte_fallback")
    var vocabulary = Vocabulary(file: component.file)
    var tokens: [(text: String, score: Double)] = []
    for (index, entry) in (component.json["vocab"]?.array ?? []).enumerated() {
      guard let pair = entry.array, pair.count == 2, let text = pair[0].text, let score = pair[1].number else {
        throw component.error("has no text and number as entry \(index) of its vocabulary")
      }
      try vocabulary.insert(text, index)
      tokens.append((text, score))
    }
    guard let unknown = component.json["unk_id"]?.integer, tokens.indices.contains(unknown) else {
      throw component.error("has no number of one of its \(tokens.count) tokens under “unk_id”")
    }
    let hasBytes = try component.truth("byte_fallback", or: false)
    let bytes = hasBytes ? byteTokens(vocabulary.tokens) : nil
    return (.unigram(UnigramModel(tokens, unknown: Int32(unknown), bytes: bytes)), vocabulary)
  }
}

extension Normalizer {
  static func read(_ part: Component) throws(ModelFileError) -> [Normalizer] {
    switch part.type {
    case "NFC", "NFD", "NFKC", "NFKD":
      try part.allow()
      return [["NFC": .composed, "NFD": .decomposed, "NFKC": .compatible][part.type] ?? .compatiblyDecomposed]
    case "Prepend":
      try part.allow("prepend")
      return [.prepend(try part.text("prepend"))]
    case "Replace":
      try part.allow("pattern", "content")
      let pattern = try part.pattern()
      guard !pattern.isRegex else { throw part.error("replaces what a regular expression finds; done here are texts") }
      return [.replace(pattern.text, with: try part.text("content"))]
    default: throw part.error("is a “\(part.type.prefix(80))”; known are NFC, NFD, NFKC, NFKD, Prepend, Replace")
    }
  }
}

extension TokenizerParts {
  mutating func readPreTokenizer(_ part: Component) throws(ModelFileError) {
    switch part.type {
    case "Digits":
      try part.allow("individual_digits")
      splitters.append(.digits(individually: try part.truth("individual_digits", or: false)))
    case "Split": splitters.append(try Self.splitter(part))
    case "ByteLevel":
      try part.allow("add_prefix_space", "trim_offsets", "use_regex")
      isByteLevel = true
      if try part.truth("add_prefix_space", or: true) {
        guard splitters.isEmpty else { throw part.error("adds a blank to each word; done here is that of whole texts") }
        beforeSplitting.append(.begin(with: " "))
      }
      if try part.truth("use_regex", or: true) { splitters.append(.words(.gpt2)) }
    case "Metaspace":
      try part.allow("replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep")
      guard splitters.isEmpty else { throw part.error("follows what splits; known is the opposite") }
      let blank = try part.text("replacement")
      guard !blank.isEmpty else { throw part.error("has an empty replacement") }
      beforeSplitting.append(.replace(" ", with: blank))
      let addsBlank = try part.truth("add_prefix_space", or: true)
      switch part.json["prepend_scheme"]?.text ?? (addsBlank ? "always" : "never") {
      case "always": beforeSplitting.append(.begin(with: blank))
      case "first": atBeginning = .begin(with: blank)
      case "never": break
      default: throw part.error("has a prepend_scheme that is none of always, first, never")
      }
      if try part.truth("split", or: true) { splitters.append(.before(Array(blank.unicodeScalars))) }
    default: throw part.error("is a “\(part.type.prefix(80))”; known are ByteLevel, Digits, Metaspace, Split")
    }
  }

  private static func splitter(_ part: Component) throws(ModelFileError) -> Splitter {
    try part.allow("pattern", "behavior", "invert")
    let (text, isRegex) = try part.pattern()
    let behavior = try part.text("behavior")
    let isInverted = try part.truth("invert", or: false)
    if isRegex {
      guard let pattern = WordPattern(rawValue: text) else {
        throw part.error("splits by a regular expression that is not known here: \(text.prefix(200))")
      }
      // Where the expression matches all, to remove what it does not match is to keep all.
      guard isInverted ? behavior == "Removed" : behavior == "Isolated" else {
        throw part.error("does not keep what its expression finds: known are Isolated, and Removed with invert")
      }
      return .words(pattern)
    }
    guard !isInverted else { throw part.error("inverts a text; known is that of expressions") }
    let mark = Array(text.unicodeScalars)
    switch behavior {
    case "Isolated": return .around(mark)
    case "MergedWithPrevious": return .after(mark)
    case "MergedWithNext": return .before(mark)
    default:
      throw part.error(
        "has the behavior “\(behavior.prefix(80))”; known are Isolated, MergedWithPrevious, MergedWithNext")
    }
  }

  func bytePairs(_ component: Component) throws(ModelFileError) -> (Tokenizer.Model, Vocabulary) {
    try component.allow(
      "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback",
      "ignore_merges", "vocab", "merges")
    for key in ["dropout", "continuing_subword_prefix", "end_of_word_suffix"] {
      guard let value = component.json[key], !value.isNull, value.text != "", value.number != 0 else { continue }
      throw component.error("asks for “\(key)”, which is not done here")
    }
    guard case .object(let members) = component.json["vocab"], let list = component.json["merges"]?.array else {
      throw component.error("has no vocabulary and merges")
    }
    var vocabulary = Vocabulary(file: component.file)
    for (text, value) in members {
      guard let token = value.integer else { throw component.error("has no number for the token “\(text.prefix(80))”") }
      try vocabulary.insert(text, token)
    }
    var merges: [(String, String)] = []
    for (index, merge) in list.enumerated() {
      let texts = merge.array?.compactMap(\.text) ?? []
      guard let pair = texts.count == 2 ? (texts[0], texts[1]) : merge.text.flatMap(Vocabulary.pair) else {
        throw component.error("has no two texts as merge \(index + 1)")
      }
      merges.append(pair)
    }
    let pairs = try vocabulary.pairs(merges)
    let unknown = component.json["unk_token"]?.text.flatMap { vocabulary[$0] }
    let alphabet: BytePairModel.Alphabet
    if isByteLevel {
      alphabet = .bytes(vocabulary.byteAlphabet())
    } else {
      let hasBytes = try component.truth("byte_fallback", or: false)
      alphabet = .characters(
        vocabulary.characters(), bytes: hasBytes ? Tokenizer.byteTokens(vocabulary.tokens) : nil, unknown: unknown,
        fusesUnknown: try component.truth("fuse_unk", or: false))
    }
    var whole: [[UInt8]: Int32] = [:]
    if try component.truth("ignore_merges", or: false) {
      for (text, token) in vocabulary.tokens {
        if let bytes = isByteLevel ? ByteAlphabet.bytes(of: text) : Array(text.utf8) { whole[bytes] = token }
      }
    }
    return (.bytePairs(BytePairModel(alphabet: alphabet, pairs: pairs, whole: whole)), vocabulary)
  }

  mutating func readAdded(_ token: Component) throws(ModelFileError) {
    try token.allow("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special")
    for key in ["single_word", "lstrip", "rstrip"] where try token.truth(key, or: false) {
      throw token.error("asks for “\(key)”, which is not done here")
    }
    let text = try token.text("content")
    guard let number = token.json["id"]?.integer, (0..<Self.mostTokens).contains(number) else {
      throw token.error("has no number from 0 to \(Self.mostTokens - 1)")
    }
    while texts.count <= number { texts.append(nil) }
    if let other = texts[number], !other.utf8.elementsEqual(text.utf8) {
      throw token.error("has the number \(number), which is that of “\(other.prefix(80))”")
    }
    texts[number] = text
    let isSpecial = try token.truth("special", or: false)
    added.append(
      Added(
        text: text, token: Int32(number), isSpecial: isSpecial,
        isNormalized: try token.truth("normalized", or: !isSpecial)))
  }

  mutating func readDecoder(_ steps: [Component]) throws(ModelFileError) {
    if steps.count == 1, steps[0].type == "ByteLevel" { return decoding = .bytes }
    var (blank, hasBytes, beginning) = ("", false, Decoding.Beginning.blanks(0))
    for step in steps {
      switch step.type {
      case "Replace":
        try step.allow("pattern", "content")
        let pattern = try step.pattern()
        guard !pattern.isRegex, try step.text("content") == " ", blank.isEmpty else {
          throw step.error("replaces something else than one text by a blank, which is what is known")
        }
        blank = pattern.text
      case "Metaspace":
        try step.allow("replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep")
        blank = try step.text("replacement")
        let scheme = step.json["prepend_scheme"]?.text
        let addsBlank = try step.truth("add_prefix_space", or: true)
        let isPrepended = scheme.map { $0 != "never" } ?? addsBlank
        if isPrepended { beginning = .allOfFirst }
      case "ByteFallback": hasBytes = true
      case "Fuse": break
      case "Strip":
        try step.allow("content", "start", "stop")
        guard try step.text("content") == " ", step.json["stop"]?.integer ?? 0 == 0,
          let start = step.json["start"]?.integer, (0...1024).contains(start)
        else {
          throw step.error("strips something else than up to 1024 blanks at the beginning, which is what is known")
        }
        beginning = .blanks(start)
      default:
        throw step.error(
          "is a “\(step.type.prefix(80))”; known are ByteFallback, ByteLevel, Fuse, Metaspace, Replace, Strip")
      }
    }
    guard !blank.isEmpty else {
      throw ModelFileError(steps.first?.file ?? "", "its decoder says of no text that it is a blank")
    }
    decoding = .pieces(blank: blank, hasBytes: hasBytes, beginning: beginning)
  }

  /// What stands around a text.
  mutating func readFrame(_ part: Component) throws(ModelFileError) {
    switch part.type {
    case "ByteLevel": return
    case "TemplateProcessing": break
    default: throw part.error("is a “\(part.type.prefix(80))”; known are ByteLevel and TemplateProcessing")
    }
    try part.allow("single", "pair", "special_tokens")
    var isBefore = true
    for step in try part.children("single") {
      if step.json["Sequence"] != nil {
        isBefore = false
        continue
      }
      guard let name = step.json["SpecialToken"]?["id"]?.text,
        let ids = part.json["special_tokens"]?[name]?["ids"]?.array
      else { throw step.error("is neither the text nor one of the special tokens") }
      for id in ids {
        guard let token = id.integer, texts.indices.contains(token) else { throw step.error("names no token") }
        if isBefore { frame.before.append(Int32(token)) } else { frame.after.append(Int32(token)) }
      }
    }
  }
}
