import Amplification

/// A family of questions that can be asked of contexts, with everything that is known about it without a model: how to
/// sample, what is true, what a look-up answers, how the scripted overseer decomposes, and how it is written for people.
///
/// What questions, answers and facts are made of is the task's own matter: ``TokenTask`` is what Grove's own networks
/// learn. All methods are pure functions of their arguments.
public protocol TaskDefinition: Facts, Sampling, GroundTruth, Script, Notation {
  /// What it is one of: what it is called, and which settings it has.
  var kind: TaskKind { get }

  /// Whether it is a question of this task, if not of any context.
  func isQuestion(_ question: Question) -> Bool
  /// Whether an answer is of the kind that the question asks for, right or wrong, or `?`; by default any is.
  func isOfKind(_ answer: Answer, askedBy question: Question) -> Bool

  /// Why nobody can have asked this, not even a model that writes what is no question: “a question that is none”; nil: it
  /// can be. So results of other machines are looked at before anything is done with them.
  func objection(to question: Question) -> String?
  /// Why nobody can have answered this: “an answer that is none”; nil: it can be.
  func objection(to answer: Answer) -> String?
  /// Why these can't be facts that the task has sampled or read: “a context that is none”; nil: they can.
  func objection(to context: Context) -> String?
}

extension TaskDefinition {
  public func isOfKind(_ answer: Answer, askedBy question: Question) -> Bool { true }

  /// The same task, as Grove's own networks need it.
  ///
  /// - Throws: ``NotationError`` if it has no tokens.
  public func inTokens() throws -> any TokenTask {
    guard let task = self as? any TokenTask else {
      throw NotationError("the task \(kind.name) is not written in tokens, which Grove's own networks need")
    }
    return task
  }
}
