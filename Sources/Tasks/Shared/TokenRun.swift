import Amplification

/// The things 1…count of one kind, as tokens one after the other: vertices, places, variables.
struct TokenRun: Sendable {
  let first: Token
  let count: Int
  /// What people are told who write a number that is none of them.
  let refusal: @Sendable (_ digits: Substring, _ count: Int) -> String

  static func vertices(from first: Token, count: Int) -> TokenRun {
    TokenRun(first: first, count: count) { "“\($0)” is no vertex: vertices are 1 to \($1)" }
  }

  /// - Parameter number: from 1.
  subscript(number: Int) -> Token { first + Token(number - 1) }
  /// The token after them.
  var end: Token { first + Token(count) }
  var all: ClosedRange<Token> { first...end - 1 }
  func contains(_ token: Token) -> Bool { first <= token && token < end }
  /// The place of a token among them, from 0.
  func index(of token: Token) -> Int { Int(token - first) }

  func write(_ token: Token) -> String { "\(token - first + 1)" }

  func read(_ digits: Substring) throws -> Token {
    guard let number = Int(digits), 1 <= number, number <= count else {
      throw NotationError(refusal(digits.prefix(20), count))
    }
    return self[number]
  }
}
