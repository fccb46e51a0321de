import ModelFiles

/// The tokens of a model by their texts: byte by byte, for letters that look alike are different ones.
struct Vocabulary {
  private(set) var tokens: [(text: String, token: Int32)] = []
  private var byText: [[UInt8]: Int32] = [:]
  /// One more than the largest.
  private(set) var count = 0
  private let file: String

  init(file: String) { self.file = file }

  /// - Throws: ``ModelFileError`` if the text is there, or the number impossible.
  mutating func insert(_ text: String, _ token: Int) throws(ModelFileError) {
    guard (0..<TokenizerParts.mostTokens).contains(token) else {
      throw ModelFileError(
        file,
        "the token “\(text.prefix(80))” has the number \(token); allowed are 0 to \(TokenizerParts.mostTokens - 1)")
    }
    guard byText.updateValue(Int32(token), forKey: Array(text.utf8)) == nil else {
      throw ModelFileError(file, "the token “\(text.prefix(80))” is there twice")
    }
    tokens.append((text, Int32(token)))
    count = max(count, token + 1)
  }

  subscript(_ text: String) -> Int32? { byText[Array(text.utf8)] }
  subscript(_ bytes: [UInt8]) -> Int32? { byText[bytes] }

  /// Texts by number.
  /// - Throws: ``ModelFileError`` if two have one number.
  func texts() throws(ModelFileError) -> [String?] {
    var texts = [String?](repeating: nil, count: count)
    for (text, token) in tokens {
      if let other = texts[Int(token)] {
        throw ModelFileError(
          file, "the tokens “\(other.prefix(80))” and “\(text.prefix(80))” have one number, \(token)")
      }
      texts[Int(token)] = text
    }
    return texts
  }

  /// Byte pair encoding by a list of pairs, the first to be merged first.
  func pairs(_ merges: some Collection<(String, String)>) throws(ModelFileError) -> BytePairs {
    var pairs = BytePairs()
    pairs.reserve(merges.count)
    for (rank, (left, right)) in merges.enumerated() {
      guard let first = self[left], let second = self[right], let whole = self[Array(left.utf8) + Array(right.utf8)]
      else {
        throw ModelFileError(
          file,
          "the merge \(rank + 1), of “\(left.prefix(80))” and “\(right.prefix(80))”, is not of tokens into a token")
      }
      pairs.insert(first, second, rank: rank, token: whole)
    }
    return pairs
  }

  /// Byte pair encoding by scores, as SentencePiece does it: whatever two tokens make up a third.
  func pairs(scores: [Double], mergeable: [Bool]) -> BytePairs {
    let order = Set(scores).sorted(by: >)
    let ranks = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    var pairs = BytePairs()
    for (text, token) in tokens where mergeable[Int(token)] {
      let (bytes, scalars) = (Array(text.utf8), text.unicodeScalars)
      var cut = 0
      for scalar in scalars.dropLast() {
        cut += UTF8.width(scalar)
        guard let left = self[Array(bytes[..<cut])], let right = self[Array(bytes[cut...])] else { continue }
        guard mergeable[Int(left)], mergeable[Int(right)] else { continue }
        pairs.insert(left, right, rank: ranks[scores[Int(token)]] ?? 0, token: token)
      }
    }
    return pairs
  }

  /// The two texts of a merge that is written as one, with a blank between them; nil if they are not two.
  static func pair(_ merge: String) -> (String, String)? {
    let parts = merge.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    return parts.count == 2 ? (String(Substring(parts[0])), String(Substring(parts[1]))) : nil
  }

  /// A token for each byte.
  func byteAlphabet() -> [Int32?] {
    var alphabet = [Int32?](repeating: nil, count: 256)
    for (text, token) in tokens {
      guard let bytes = ByteAlphabet.bytes(of: text), bytes.count == 1 else { continue }
      alphabet[Int(bytes[0])] = token
    }
    return alphabet
  }

  /// A token for each character that is one.
  func characters() -> [Unicode.Scalar: Int32] {
    var characters: [Unicode.Scalar: Int32] = [:]
    for (text, token) in tokens {
      guard let first = text.unicodeScalars.first, text.unicodeScalars.dropFirst().isEmpty else { continue }
      characters[first] = token
    }
    return characters
  }
}
