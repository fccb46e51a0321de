import ModelFiles

/// A language model's tokens: text to numbers and back, as the model's own files define it.
///
/// It neither shortens nor pads, whatever the file says of that. Times grow as n log n with the length of a text at most.
public struct Tokenizer: Sendable {
  enum Model: Sendable {
    case bytePairs(BytePairModel)
    case unigram(UnigramModel)
  }

  /// Tokens are 0 up to this, with gaps where a file has them.
  public let count: Int
  let added: AddedTokens
  let normalizers: [Normalizer]
  /// Those that are found in what normalizers leave.
  let addedAfterwards: AddedTokens
  /// What is done at the beginning of a text only.
  var atBeginning: Normalizer?
  var beforeSplitting: [Normalizer] = []
  let splitters: [Splitter]
  let model: Model
  let decoding: Decoding
  /// What the file puts around a text.
  let frame: (before: [Int32], after: [Int32])
  /// The tokens of marks by their texts.
  let marks: [String: Int32]

  /// The tokens of a text.
  ///
  /// - Parameter marks: whether special tokens that are written out in it, such as `<|im_end|>`, are meant. Of a template they
  ///   are; what people or models wrote must not end their turn.
  public func encode(_ text: String, marks: Bool = false) -> [Int32] {
    var tokens: [Int32] = []
    var isFirst = true
    for part in added.parts(of: text, marks: marks) {
      defer { isFirst = false }
      switch part {
      case .token(let token): tokens.append(token)
      case .text(let text):
        let normalized = normalizers.reduce(text) { $1($0) }
        for (index, part) in addedAfterwards.parts(of: normalized, marks: marks).enumerated() {
          switch part {
          case .token(let token): tokens.append(token)
          case .text(let text): encode(text, isFirst: isFirst && index == 0, into: &tokens)
          }
        }
      }
    }
    return tokens
  }

  private func encode(_ text: String, isFirst: Bool, into tokens: inout [Int32]) {
    var text = beforeSplitting.reduce(text) { $1($0) }
    if isFirst, let atBeginning { text = atBeginning(text) }
    let classified = ClassifiedText(text)
    var words = [classified.scalars.indices]
    for splitter in splitters {
      var finer: [Range<Int>] = []
      for word in words { splitter.split(classified, word, into: &finer) }
      words = finer
    }
    for word in words {
      switch model {
      case .bytePairs(let model): model.tokens(of: classified.scalars[word], into: &tokens)
      case .unigram(let model): model.tokens(of: classified.scalars[word], into: &tokens)
      }
    }
  }

  /// With the tokens that the file puts before and behind a text.
  public func framed(_ tokens: [Int32]) -> [Int32] { frame.before + tokens + frame.after }

  /// The token of a mark; nil if there is none of this text.
  public func mark(_ text: String) -> Int32? { marks[text] }

  /// The text of tokens.
  ///
  /// - Parameter marks: whether special tokens are written out.
  public func decode(_ tokens: some Sequence<Int32>, marks: Bool = false) -> String {
    var stream = stream(marks: marks)
    var text = ""
    for token in tokens { text += stream.append(token) }
    return text + stream.finish()
  }

  /// For the text of tokens as they come.
  public func stream(marks: Bool = false) -> TextStream { TextStream(decoding, marks: marks) }
}

extension Tokenizer {
  /// The tokenizer of a model.
  ///
  /// - Throws: ``ModelFileError`` if its files describe none that is known, or one of another model.
  public init(_ files: ModelFiles) throws(ModelFileError) {
    let source = files.metadata == nil ? "\(files.path)/tokenizer.json" : files.path
    if let metadata = files.metadata {
      try self.init(gguf: metadata, file: source)
    } else {
      try self.init(file: source)
    }
    guard count <= files.configuration.vocabulary else {
      throw ModelFileError(
        source,
        "its tokenizer has \(count) tokens and the model \(files.configuration.vocabulary): it is another model's")
    }
  }
}
