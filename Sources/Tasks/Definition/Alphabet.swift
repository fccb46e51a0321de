import Amplification
import Randomness

/// Tokens that stand for things of one kind: names, or numbers, which follow each other.
public struct Alphabet: Hashable, Sendable {
  public let tokens: ClosedRange<Token>
  /// What the first token stands for, if they are numbers.
  public let firstNumber: Int?
  /// The one, if any, that stands for none of them.
  public let none: Token?

  public static func names(_ tokens: ClosedRange<Token>, none: Token? = nil) -> Alphabet {
    Alphabet(tokens: tokens, firstNumber: nil, none: none)
  }

  public static func numbers(_ tokens: ClosedRange<Token>, from first: Int, none: Token? = nil) -> Alphabet {
    Alphabet(tokens: tokens, firstNumber: first, none: none)
  }

  /// Any name as likely as another; of numbers, small ones are likelier. None is one of four: an X that does not know says it
  /// more often than any other.
  func sample(using random: inout CounterGenerator) -> Token {
    if let none, Int.random(in: 0..<4, using: &random) == 0 { return none }
    guard let firstNumber else { return Token.random(in: tokens, using: &random) }
    let zero = tokens.lowerBound - Token(min(firstNumber, 0))
    let isBelow = zero > tokens.lowerBound && Bool.random(using: &random)
    let most = isBelow ? zero - tokens.lowerBound : tokens.upperBound - zero
    // A number of n or more is as likely as 1 to √(n + 1), but for those that there are none of.
    var size: Token
    repeat {
      let share = Double.random(in: 0.01...1, using: &random)
      size = Token(1 / (share * share)) - 1
    } while size > most
    return isBelow ? zero - size : zero + size
  }
}
