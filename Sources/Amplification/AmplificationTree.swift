/// Who decided or answered a node of a tree.
public enum Author: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The facts themselves.
  case lookUp
  /// No question of the task, so `?`.
  case malformed
  /// The scripted overseer.
  case scripted
  /// A person, by name.
  case person(String)
  /// The learned overseer H′ after so many training steps.
  case learnedOverseer(step: Int)
  /// The answerer X after so many training steps; `role` is `student` or `teacher`.
  case answerer(role: String, step: Int)
  /// Nobody: a random answer stands for X's, for H′ to learn what to do with it.
  case madeUp
  /// Whoever answered the same question about the same context before, at the same depth.
  case memo

  /// Whether it decides how questions are taken apart.
  public var isOverseer: Bool {
    switch self {
    case .scripted, .person, .learnedOverseer: true
    case .lookUp, .malformed, .answerer, .madeUp, .memo: false
    }
  }

  public var description: String {
    switch self {
    case .madeUp: "made up"
    case .lookUp: "look-up"
    case .malformed: "malformed"
    case .scripted: "H (scripted)"
    case .person(let name): "H (\(name))"
    case .learnedOverseer(let step): "H′@\(step)"
    case .answerer(let role, let step): "X \(role)@\(step)"
    case .memo: "memo"
    }
  }
}

/// The record of one amplified question: its sub-questions in order, each with its own tree, its answer and whose it is.
public struct AmplificationTree: Hashable, Sendable, Codable {
  public let question: Question
  public internal(set) var answer: Answer
  /// The overseer of an inner node; of a leaf, who answered it.
  public let author: Author
  public internal(set) var children: [AmplificationTree] = []

  public init(_ question: Question, answer: Answer, by author: Author, children: [AmplificationTree] = []) {
    self.question = question
    self.answer = answer
    self.author = author
    self.children = children
  }

  /// The node without what lies below its sub-answers.
  public var transcript: Transcript {
    var transcript = Transcript(question)
    transcript.steps = children.map { Transcript.Step($0.question, $0.answer) }
    transcript.answer = answer
    return transcript
  }

  /// Those of all nodes that an overseer decided, this one first.
  public var transcripts: [Transcript] {
    (author.isOverseer ? [transcript] : []) + children.flatMap(\.transcripts)
  }

  /// Sub-questions in the whole tree.
  public var subQuestions: Int {
    children.reduce(children.count) { $0 + $1.subQuestions }
  }

  /// Sub-questions in the whole tree that had been answered before.
  public var memoHits: Int {
    children.reduce(author == .memo ? 1 : 0) { $0 + $1.memoHits }
  }
}
