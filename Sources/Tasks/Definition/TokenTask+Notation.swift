import Amplification

// What people write and read is told of single facts; so it is of contexts, answers and completions.
extension TokenTask {
  public func write(_ context: Context) -> [String] { context.facts.map(write(fact:)) }

  /// What each token is called, by token: as it is written as an answer, and #7 if it never is one.
  public var words: [String] {
    (0..<Token(vocabulary)).map { token in
      let written = write(Answer([token]))
      return written == "?" && token != 0 ? "#\(token)" : written
    }
  }

  /// How a question that is none is shown: its tokens as they are.
  static func malformed(_ question: Question) -> String {
    "malformed[" + question.tokens.map(String.init).joined(separator: " ") + "]"
  }

  public func readAnswer(_ text: String, to question: Question) throws -> Answer {
    let text = String(text.trimmed)
    if text == "?" { return unknown }
    let kind = answers(to: question) ?? alphabets.first
    let tokens = Array(kind?.tokens ?? 1...1) + (1..<Token(vocabulary))
    for token in tokens where write(Answer([token])) == text { return Answer([token]) }
    let known = kind.map { kind in
      let written = [kind.tokens.lowerBound, kind.tokens.upperBound].map { write(Answer([$0])) }
      return ", such as \(written[0]) or \(written[1])"
    }
    throw NotationError("“\(text.prefix(80))” is no answer to this question: write a value\(known ?? ""), or ?")
  }

  public func questions(like form: Question, after transcript: Transcript) -> [Question] {
    let known = transcript.question.tokens + transcript.steps.flatMap(\.answer.tokens)
    return form.tokens.reduce([[Token]]([[]])) { begun, token in
      let kind = alphabets.first { $0.tokens.contains(token) }
      let choices = known.reversed().filter { kind?.tokens.contains($0) == true }.reduce(into: [Token]()) {
        if !$0.contains($1) { $0.append($1) }
      }
      return begun.prefix(Completions.mostBegun).flatMap { begun in
        (choices.isEmpty ? [token] : choices).map { begun + [$0] }
      }
    }.map(Question.init)
  }

  /// One fact a line, or several with two spaces or more between them; blank lines and lines that begin with `#` are
  /// skipped.
  public func readContext(_ text: String) throws -> Context {
    var facts: [[Token]] = []
    // Whatever editor it was written with: some put a mark at the beginning.
    let text = text.unicodeScalars.first == "\u{FEFF}" ? Substring(text.unicodeScalars.dropFirst()) : text[...]
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let trimmed = line.trimmed
      if trimmed.isEmpty || trimmed.hasPrefix("#") { continue }
      do {
        facts += try readFacts(trimmed)
      } catch let error as NotationError {
        throw NotationError("line \(number + 1): \(error.description)")
      }
    }
    return try checked(Context(facts: facts))
  }

  /// The facts of a line.
  private func readFacts(_ line: String) throws -> [[Token]] {
    // As Grove prints them; what stands alone may have any spaces in it.
    let parts = line.split(separator: /\s{2,}|\t/)
    if parts.count > 1, let facts = try? parts.map({ try readFact(String($0)) }) { return facts }
    do {
      return [try readFact(line)]
    } catch let error as NotationError {
      // Of many side by side, the one that is wrong.
      for part in parts where parts.count > 1 { _ = try readFact(String(part)) }
      throw error
    }
  }
}

private enum Completions {
  /// Of the many ways in which some tasks' forms can be filled in.
  static let mostBegun = 50
}
