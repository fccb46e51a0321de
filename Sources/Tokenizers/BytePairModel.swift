import Synchronization

/// A word's tokens by byte pair encoding, of bytes or of characters.
struct BytePairModel: Sendable {
  /// What is merged first.
  enum Alphabet: Sendable {
    /// A token for each byte, or nil.
    case bytes([Int32?])
    /// A token for a character; for the bytes of others, if all 256 are there; and for what has none of both.
    case characters([Unicode.Scalar: Int32], bytes: [Int32]?, unknown: Int32?, fusesUnknown: Bool)
  }

  let alphabet: Alphabet
  let pairs: BytePairs
  /// Words that are tokens whatever the merges say.
  let whole: [[UInt8]: Int32]
  private let cache = WordCache()

  init(alphabet: Alphabet, pairs: BytePairs, whole: [[UInt8]: Int32] = [:]) {
    (self.alphabet, self.pairs, self.whole) = (alphabet, pairs, whole)
  }

  func tokens(of word: ArraySlice<Unicode.Scalar>, into tokens: inout [Int32]) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(word.count)
    for scalar in word { bytes.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
    if let token = whole[bytes] { return tokens.append(token) }
    tokens += cache.tokens(of: bytes) { pairs.merged(symbols(of: word, bytes)) }
  }

  private func symbols(of word: ArraySlice<Unicode.Scalar>, _ bytes: [UInt8]) -> [Int32] {
    switch alphabet {
    case .bytes(let alphabet): return bytes.compactMap { alphabet[Int($0)] }
    case .characters(let characters, let byteTokens, let unknown, let fusesUnknown):
      var symbols: [Int32] = []
      var wasUnknown = false
      for scalar in word {
        if let token = characters[scalar] {
          symbols.append(token)
          wasUnknown = false
        } else if let byteTokens {
          for byte in UTF8.encode(scalar) ?? .init() { symbols.append(byteTokens[Int(byte)]) }
          wasUnknown = false
        } else if let unknown, !(wasUnknown && fusesUnknown) {
          symbols.append(unknown)
          wasUnknown = true
        }
      }
      return symbols
    }
  }
}

/// The tokens of words that were met before.
private final class WordCache: Sendable {
  private let known = Mutex<[[UInt8]: [Int32]]>([:])
  private static let mostWords = 10_000
  private static let longestWord = 256

  func tokens(of word: [UInt8], _ compute: () -> [Int32]) -> [Int32] {
    guard word.count <= Self.longestWord else { return compute() }
    if let tokens = known.withLock({ $0[word] }) { return tokens }
    let tokens = compute()
    known.withLock { if $0.count < Self.mostWords { $0[word] = tokens } }
    return tokens
  }
}
