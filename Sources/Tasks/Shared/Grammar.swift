import Amplification

/// Questions that are a word and what it is about, such as `edge 12 7`: their tokens, how people write them, and back.
///
/// A question is the token of its kind, then one or two operands; where other kinds have one more, it is filled up with 0.
struct Grammar<Kind: RawRepresentable<Token> & Hashable & Sendable>: Sendable {
  struct Form: Sendable {
    let kind: Kind
    let pattern: Pattern
    /// What its operands can be, one or two.
    let operands: [TokenRun]

    /// - Parameter pattern: with `_` in the place of each operand's number.
    init(_ kind: Kind, _ pattern: String, _ operands: TokenRun...) {
      self.kind = kind
      self.pattern = Pattern(pattern)
      self.operands = operands
    }
  }

  private let forms: [Form]
  private let allowed: String
  /// Tokens in a question.
  let questionLength: Int

  /// - Parameter allowed: what people are told whose question is none: `questions are written edge 12 7`.
  init(_ forms: [Form], allowed: String) {
    self.forms = forms
    self.allowed = allowed
    questionLength = 1 + (forms.map(\.operands.count).max() ?? 0)
  }

  private func form(of question: Question) -> Form? {
    guard question.tokens.count == questionLength,
      let form = forms.first(where: { $0.kind.rawValue == question.tokens[0] })
    else { return nil }
    for place in 1..<questionLength {
      let token = question.tokens[place]
      guard place <= form.operands.count ? form.operands[place - 1].contains(token) : token == 0 else { return nil }
    }
    return form
  }

  func isQuestion(_ question: Question) -> Bool { form(of: question) != nil }

  /// What a question says, if it is one; the second operand is 0 if it has none.
  func parts(of question: Question) -> (kind: Kind, first: Token, second: Token)? {
    form(of: question).map { ($0.kind, question.tokens[1], questionLength > 2 ? question.tokens[2] : 0) }
  }

  func question(_ kind: Kind, _ first: Token, _ second: Token = 0) -> Question {
    Question(questionLength > 2 ? [kind.rawValue, first, second] : [kind.rawValue, first])
  }

  /// As people write it; nil if it is none.
  func write(_ question: Question) -> String? {
    form(of: question).map { form in
      form.pattern.write(zip(form.operands, question.tokens.dropFirst()).map { $0.write($1) })
    }
  }

  /// - Throws: ``NotationError``
  func read(_ text: String) throws -> Question {
    let trimmed = text.trimmed
    for form in forms {
      guard let digits = form.pattern.read(trimmed) else { continue }
      let operands = try zip(form.operands, digits).map { try $0.read($1) }
      return question(form.kind, operands[0], operands.count > 1 ? operands[1] : 0)
    }
    throw NotationError("“\(text.prefix(80))” is no question: \(allowed)")
  }
}
