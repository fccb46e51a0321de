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

/// An answer, whose it is, and what it cost.
public struct Reply: Hashable, Sendable, Codable {
  public var answer: Answer
  public var author: Author
  public var cost: Cost
  /// As far as whoever answers knows.
  public var doubt: Doubt

  public init(_ answer: Answer, by author: Author, cost: Cost = .nothing, doubt: Doubt = .none) {
    self.answer = answer
    self.author = author
    self.cost = cost
    self.doubt = doubt
  }
}

/// X of the paper: answers questions about a context directly.
public protocol Answerer {
  /// Who answers, for the record in the tree.
  var author: Author { get }

  /// One reply a question, in order. The result depends on nothing but the arguments and the model's weights.
  func reply(to asked: [Asked], in contexts: [Context]) async throws -> [Reply]
}

/// An answerer whose answers are waited for, each for itself: others' questions need not wait for a slow one.
public protocol WaitingAnswerer: Answerer, Sendable {
  func reply(to asked: Asked, in context: Context) async throws -> Reply
}

extension WaitingAnswerer {
  public func reply(to asked: [Asked], in contexts: [Context]) async throws -> [Reply] {
    try await withThrowingTaskGroup(of: (Int, Reply).self) { group in
      for (row, asked) in asked.enumerated() {
        let context = contexts[asked.context]
        group.addTask { (row, try await reply(to: asked, in: context)) }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }.sorted { $0.key < $1.key }.map(\.value)
    }
  }
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
public protocol Facts: Sendable {
  /// `?` as the task writes it: the answer to what is malformed or can't be answered.
  var unknown: Answer { get }

  /// How the facts of a context dispose of a question.
  ///
  /// - Parameter key: draws the answer where several are right.
  func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp
}

extension Facts {
  /// What a question comes to before anybody is asked: looked up, or malformed. nil: it is open.
  public func lookedUp(_ asked: Asked, in context: Context) -> AmplificationTree? {
    switch lookUp(asked.question, in: context, using: asked.key) {
    case .primitive(let answer): AmplificationTree(asked.question, answer: answer, by: .lookUp)
    case .malformed: AmplificationTree(asked.question, answer: unknown, by: .malformed)
    case .open: nil
    }
  }
}

extension AmplificationTree {
  /// A question that was simply answered.
  public init(_ question: Question, _ reply: Reply) {
    self.init(question, answer: reply.answer, by: reply.author)
    cost = reply.cost
    doubt = reply.doubt
  }
}
