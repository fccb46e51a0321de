import Amplification
import ModelFiles
import Tokenizers

/// How questions and answers are written in a language model's tokens.
struct LanguageTokens: Sendable {
  private let tokenizer: Tokenizer
  /// Before every question: one that stands between documents. The first token of all is what others attend to when they need
  /// nothing, and a question's own first digit would have to be both.
  let beginning: Int32
  /// A line break, which ends an answer that is learned.
  let end: Int32
  /// Those that end an answer that is said: all with a line break in their text.
  let stops: Set<Int32>

  /// - Throws: ``ModelFiles/ModelFileError`` if the files have no tokenizer that is known, or it has no line break.
  init(_ files: ModelFiles) throws {
    tokenizer = try Tokenizer(files)
    let configuration = files.configuration
    guard let end = tokenizer.encode("\n").last else {
      throw ModelFileError(files.path, "its tokenizer has no line break, which ends an answer")
    }
    self.end = end
    beginning = tokenizer.mark("<|endoftext|>") ?? Int32(configuration.beginning ?? 0)
    var stops = Set(configuration.ends.map { Int32($0) } + [end])
    for token in 0..<Int32(tokenizer.count) where tokenizer.decode([token]).contains(where: \.isNewline) {
      stops.insert(token)
    }
    self.stops = stops
  }

  func prompt(_ question: Question) -> [Int32] { [beginning] + tokenizer.encode(question.content.text ?? "") }

  /// An answer with its end.
  func tokens(of answer: Answer) -> [Int32] { line(answer.content.text ?? "") }

  /// A text of one line, with its end.
  func line(_ text: String) -> [Int32] { tokenizer.encode(text) + [end] }

  func text(of tokens: [Int32]) -> String { tokenizer.decode(tokens) }
}
