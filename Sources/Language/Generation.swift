import Randomness

/// What a language model said.
public struct Generation: Hashable, Sendable {
  public enum End: String, Sendable {
    /// One of the tokens that end an answer.
    case stopped
    /// It was as long as it might be.
    case length
    /// Question and answer filled the window.
    case window
  }

  /// Without the one that ended it.
  public var tokens: [Int32] = []
  /// log p of each of them, and of the one that ended it.
  public var logProbabilities: [Float] = []
  public var end = End.length

  /// log p of the whole answer.
  public var logProbability: Float { logProbabilities.reduce(0, +) }
}

/// How the next token is chosen.
public enum Sampling: Sendable {
  /// The likeliest.
  case greedy
  /// Drawn from softmax(logits / temperature), each answer by its own generator: as many as there are questions.
  case drawn(temperature: Double, [CounterGenerator])
}
