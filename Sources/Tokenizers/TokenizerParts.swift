import ModelFiles

/// What a file says of its tokens, before it is a ``Tokenizer``.
struct TokenizerParts {
  /// A token that is found before all else.
  struct Added {
    var text: String
    var token: Int32
    var isSpecial: Bool
    /// Whether it is found in what normalizers leave.
    var isNormalized: Bool
  }

  var normalizers: [Normalizer] = []
  var atBeginning: Normalizer?
  var beforeSplitting: [Normalizer] = []
  var splitters: [Splitter] = []
  /// Whether the model's tokens are bytes, written in letters of ``ByteAlphabet``.
  var isByteLevel = false
  /// By number; nil: a gap.
  var texts: [String?] = []
  var added: [Added] = []
  var frame: (before: [Int32], after: [Int32]) = ([], [])
  var decoding = Style.bytes

  /// How tokens become text.
  enum Style: Equatable {
    case bytes
    /// With a blank's letter; tokens such as `<0x0A>` are bytes.
    case pieces(blank: String, hasBytes: Bool, beginning: Decoding.Beginning)
  }

  static let mostTokens = 1 << 22
}

extension Tokenizer {
  init(_ parts: TokenizerParts, model: Model) {
    let special = Set(parts.added.filter(\.isSpecial).map(\.token))
    func added(normalized: Bool) -> AddedTokens {
      let chosen = parts.added.filter { $0.isNormalized == normalized }
      return AddedTokens(
        chosen.map { token in (normalized ? parts.normalizers.reduce(token.text) { $1($0) } : token.text, token.token)
        },
        special: special)
    }
    count = parts.texts.count
    (self.added, addedAfterwards) = (added(normalized: false), added(normalized: true))
    (normalizers, atBeginning) = (parts.normalizers, parts.atBeginning)
    (beforeSplitting, splitters) = (parts.beforeSplitting, parts.splitters)
    (self.model, frame) = (model, parts.frame)
    var beginning = Decoding.Beginning.blanks(0)
    if case .pieces(_, _, let own) = parts.decoding { beginning = own }
    decoding = Decoding(
      pieces: parts.texts.map { Self.piece($0 ?? "", parts.decoding) }, special: special, beginning: beginning)
    var marks: [String: Int32] = [:]
    for token in parts.added { marks[token.text] = token.token }
    self.marks = marks
  }

  private static func piece(_ text: String, _ style: TokenizerParts.Style) -> Decoding.Piece {
    switch style {
    case .bytes: return .bytes(ByteAlphabet.bytes(of: text) ?? Array(text.utf8))
    case .pieces(let blank, let hasBytes, _):
      if hasBytes, let byte = byte(text) { return .fallback(byte) }
      return .bytes(Array(Normalizer.replace(blank, with: " ")(text).utf8))
    }
  }

  /// The byte that a token such as `<0x0A>` is.
  static func byte(_ text: String) -> UInt8? {
    guard text.utf8.count == 6, text.hasPrefix("<0x"), text.hasSuffix(">") else { return nil }
    return UInt8(text.dropFirst(3).dropLast(), radix: 16)
  }

  /// The tokens of all bytes; nil if one is missing.
  static func byteTokens(_ tokens: some Sequence<(text: String, token: Int32)>) -> [Int32]? {
    var all = [Int32?](repeating: nil, count: 256)
    for (text, token) in tokens { if let byte = byte(text) { all[Int(byte)] = token } }
    let found = all.compactMap { $0 }
    return found.count == 256 ? found : nil
  }
}
