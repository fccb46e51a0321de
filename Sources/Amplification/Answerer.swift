import Randomness

/// A question about one of the contexts at hand.
public struct Asked: Hashable, Sendable {
  /// Index into the contexts that are passed alongside.
  public var context: Int
  public var question: Question
  /// Of all randomness in answering it.
  public var key: RandomKey

  public init(_ question: Question, about context: Int, key: RandomKey) {
    self.context = context
    self.question = question
    self.key = key
  }
}

/// X of the paper: answers questions about a context directly.
public protocol Answerer {
  /// Who answers, for the record in the tree.
  var author: Author { get }

  /// Who answers this very question, where that is not always the same; by default, ``author``.
  func author(of asked: Asked) -> Author

  /// One answer a question, in order. The result depends on nothing but the arguments and the model's weights.
  func answer(_ asked: [Asked], in contexts: [Context]) throws -> [Answer]
}

extension Answerer {
  public func author(of asked: Asked) -> Author { author }
}

/// What a task says of a question before any model is asked.
public enum LookUp: Hashable, Sendable {
  /// A look-up in the facts answers it.
  case primitive(Answer)
  /// It has to be answered by X or amplified.
  case open
  /// It is no question of this task; its answer is `?`.
  case malformed
}

/// The rules by which facts answer primitive questions.
public protocol Facts {
  /// Tokens in an answer.
  var answerLength: Int { get }

  /// How the facts of a context dispose of a question.
  ///
  /// - Parameter key: draws the answer where several are right.
  func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp
}
