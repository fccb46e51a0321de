/// The regular expressions by which models' tokenizers find words, each known by its text and found by a scanner of its own: no
/// text takes more time than its length asks for.
enum WordPattern: String, Sendable, CaseIterable {
  case gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
  case llama3 =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  case qwen2 =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// Where the word that begins at `start`, before `end`, ends.
  func endOfWord(_ text: ClassifiedText, _ start: Int, _ end: Int) -> Int {
    if let contraction = contraction(text, start, end) { return contraction }
    return self == .gpt2 ? gpt2(text, start, end) : later(text, start, end)
  }

  private func gpt2(_ text: ClassifiedText, _ start: Int, _ end: Int) -> Int {
    let first = text.scalars[start] == " " && start + 1 < end ? start + 1 : start
    if text.classes[first] != .space { return Self.run(of: text.classes[first], text, first, end) }
    return Self.blanks(text, start, end)
  }

  private func later(_ text: ClassifiedText, _ start: Int, _ end: Int) -> Int {
    let (kind, next) = (text.classes[start], start + 1)
    if kind == .letter { return Self.run(of: .letter, text, start, end) }
    if kind == .number {
      let last = min(end, start + (self == .llama3 ? 3 : 1))
      return Self.run(of: .number, text, start, last)
    }
    if !Self.isNewline(text, start), next < end, text.classes[next] == .letter {
      return Self.run(of: .letter, text, next, end)
    }
    let first = text.scalars[start] == " " && next < end ? next : start
    if text.classes[first] == .other {
      var index = Self.run(of: .other, text, first, end)
      while index < end, Self.isNewline(text, index) { index += 1 }
      return index
    }
    let blanks = Self.run(of: .space, text, start, end)
    if let newline = (start..<blanks).last(where: { Self.isNewline(text, $0) }) { return newline + 1 }
    return Self.blanks(text, start, end)
  }

  private static func isNewline(_ text: ClassifiedText, _ index: Int) -> Bool {
    text.scalars[index] == "\n" || text.scalars[index] == "\r"
  }

  private static func run(of kind: ClassifiedText.Class, _ text: ClassifiedText, _ start: Int, _ end: Int) -> Int {
    var index = start
    while index < end, text.classes[index] == kind { index += 1 }
    return index
  }

  /// All blanks but the last one, which goes with the word behind it.
  private static func blanks(_ text: ClassifiedText, _ start: Int, _ end: Int) -> Int {
    let next = run(of: .space, text, start, end)
    return next == end || next == start + 1 ? next : next - 1
  }

  private func contraction(_ text: ClassifiedText, _ start: Int, _ end: Int) -> Int? {
    guard text.scalars[start] == "'", start + 1 < end else { return nil }
    func letter(_ index: Int) -> Unicode.Scalar? {
      guard index < end else { return nil }
      let scalar = text.scalars[index]
      guard self != .gpt2 else { return scalar }
      // The long s is one, whatever its case.
      if scalar == "\u{17F}" { return "s" }
      return ("A"..."Z").contains(scalar) ? Unicode.Scalar(scalar.value + 32) : scalar
    }
    switch letter(start + 1) {
    case "s", "t", "m", "d": return start + 2
    case "r", "v": return letter(start + 2) == "e" ? start + 3 : nil
    case "l": return letter(start + 2) == "l" ? start + 3 : nil
    default: return nil
    }
  }
}
