import Randomness

/// How a question is talked about: who speaks next, and seeing what. Amplification is the first; debate, critique and
/// consultancy are others.
///
/// The ``Amplifier`` follows ``Amplification`` without asking it: nobody but the overseer ever speaks. A network that oversees
/// goes on from what it has read, of a whole batch in one pass, on the one thread that has its tensors (``Deliberation``);
/// as a ``Speaker``, who says one thing in one conversation, on any thread, it would read each transcript anew at each step.
/// The trees are the same.
public protocol Procedure: Sendable {
  /// Who speaks after these turns. The conversation ends when somebody answers instead.
  func next(after turns: [Turn]) -> Floor
}

/// The right to speak.
public struct Floor: Hashable, Sendable {
  public var role: Role
  /// Whether the speaker sees the context, beside the question and what was said.
  public var seesContext: Bool

  public init(_ role: Role, seesContext: Bool = false) {
    self.role = role
    self.seesContext = seesContext
  }
}

/// `Amplify^H(X)` of the paper: the overseer speaks until it answers, and never sees the context.
public struct Amplification: Procedure {
  public init() {}
  public func next(after turns: [Turn]) -> Floor { Floor(.overseer) }
}

/// A conversation as a speaker sees it.
public struct Conversation: Hashable, Sendable {
  public var question: Question
  public var turns: [Turn]
  /// nil if the procedure does not show it.
  public var context: Context?
  /// Of whatever the speaker leaves to chance.
  public var key: RandomKey

  public init(_ question: Question, turns: [Turn] = [], context: Context? = nil, key: RandomKey) {
    self.question = question
    self.turns = turns
    self.context = context
    self.key = key
  }
}

/// Somebody who has a role in a conversation, by himself: not in step with others.
public protocol Speaker: Sendable {
  /// Who speaks, for the record in the tree.
  var author: Author { get }
  func speak(in conversation: Conversation) async throws -> Utterance
}

/// What somebody says next in a conversation, and what it cost.
public struct Utterance: Hashable, Sendable {
  public enum Words: Hashable, Sendable {
    /// A sub-question.
    case asks(Question)
    /// Something for the others to hear.
    case states(Content)
    /// The answer, with which the conversation ends.
    case answers(Answer)
  }

  public var words: Words
  public var cost: Cost

  public init(_ words: Words, cost: Cost = .nothing) {
    self.words = words
    self.cost = cost
  }
}
