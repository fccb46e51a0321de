/// A word's tokens by a unigram language model (Kudo 2018, arXiv:1804.10959): the likeliest sequence, found by Viterbi's algorithm.
struct UnigramModel: Sendable {
  private let trie: ByteTrie
  private let scores: [Double]
  private let unknown: Int32
  private let unknownScore: Double
  private let bytes: [Int32]?
  /// What a character without a token costs beyond the least likely token.
  private static let penalty = 10.0

  /// - Parameters:
  ///   - tokens: their texts and log-probabilities, by token.
  ///   - unknown: the token of what has none.
  ///   - bytes: tokens for the bytes of what has none; nil: there are none.
  init(_ tokens: [(text: String, score: Double)], unknown: Int32, bytes: [Int32]?) {
    var trie = ByteTrie()
    for (index, token) in tokens.enumerated() where !token.text.isEmpty { trie.insert(token.text.utf8, Int32(index)) }
    self.trie = trie
    scores = tokens.map(\.score)
    (self.unknown, self.bytes) = (unknown, bytes)
    unknownScore = (scores.min() ?? 0) - Self.penalty
  }

  private struct Best {
    var score = 0.0
    var start = -1
    var token: Int32 = -1
  }

  func tokens(of word: ArraySlice<Unicode.Scalar>, into tokens: inout [Int32]) {
    var text: [UInt8] = []
    for scalar in word { text.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
    guard !text.isEmpty else { return }
    var best = [Best](repeating: Best(), count: text.count + 1)
    func offer(_ token: Int32, _ score: Double, _ start: Int, _ end: Int) {
      let score = best[start].score + score
      if best[end].start < 0 || score > best[end].score { best[end] = Best(score: score, start: start, token: token) }
    }
    var start = 0
    for scalar in word {
      let next = start + UTF8.width(scalar)
      var isSingle = false
      trie.forEachMatch(in: text, at: start) { token, end in
        offer(token, scores[Int(token)], start, end)
        isSingle = isSingle || end == next
      }
      if !isSingle { offer(unknown, unknownScore, start, next) }
      start = next
    }
    var (found, end): ([(token: Int32, range: Range<Int>)], Int) = ([], text.count)
    while end > 0 {
      let step = best[end]
      // Neighbours that have no token are one.
      if step.token == unknown, let last = found.last, last.token == unknown {
        found[found.count - 1].range = step.start..<last.range.upperBound
      } else {
        found.append((step.token, step.start..<end))
      }
      end = step.start
    }
    for (token, range) in found.reversed() {
      if token == unknown, let bytes { tokens += text[range].map { bytes[Int($0)] } } else { tokens.append(token) }
    }
  }
}
