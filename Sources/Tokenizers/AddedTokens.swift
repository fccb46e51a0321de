/// Tokens that are found in a text before all else: marks such as `<|im_end|>`, and pieces that a model's makers added.
struct AddedTokens: Sendable {
  private var trie = ByteTrie()
  private var begins: [Bool] = [Bool](repeating: false, count: 256)
  private let special: Set<Int32>

  enum Part {
    case text(String)
    case token(Int32)
  }

  /// - Parameter special: which of them are marks.
  init(_ tokens: [(text: String, token: Int32)], special: Set<Int32>) {
    self.special = special
    for (text, token) in tokens where !text.isEmpty {
      trie.insert(text.utf8, token)
      if let first = text.utf8.first { begins[Int(first)] = true }
    }
  }

  /// The longest tokens from the left, and what is between them.
  ///
  /// - Parameter marks: whether marks are tokens; else they are text as any other.
  func parts(of text: String, marks: Bool) -> [Part] {
    let bytes = Array(text.utf8)
    var (parts, start, index): ([Part], Int, Int) = ([], 0, 0)
    func end(at end: Int) {
      if start < end { parts.append(.text(String(decoding: bytes[start..<end], as: UTF8.self))) }
    }
    while index < bytes.count {
      guard begins[Int(bytes[index])], let (token, next) = trie.longestMatch(in: bytes, at: index) else {
        index += 1
        continue
      }
      if marks || !special.contains(token) {
        end(at: index)
        parts.append(.token(token))
        start = next
      }
      index = next
    }
    end(at: bytes.count)
    return parts
  }
}
