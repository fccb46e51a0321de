import Amplification

/// The vertices 1…count of a graph, as tokens one after the other.
struct Vertices {
  let first: Token
  let count: Int

  /// - Parameter number: from 1.
  subscript(number: Int) -> Token { first + Token(number - 1) }
  /// The token after them.
  var end: Token { first + Token(count) }
  func contains(_ token: Token) -> Bool { (first..<end).contains(token) }
  /// Its place among them, from 0: there are 64 at most, so that a set of them is a word of bits.
  func index(of token: Token) -> Int { Int(token - first) }
  func write(_ token: Token) -> String { "\(token - first + 1)" }

  func read(_ digits: Substring) throws -> Token {
    guard let number = Int(digits), (1...count).contains(number) else {
      throw NotationError("“\(digits.prefix(20))” is no vertex: vertices are 1 to \(count)")
    }
    return self[number]
  }
}
