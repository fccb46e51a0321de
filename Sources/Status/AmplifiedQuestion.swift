extension String {
  /// A question in a task's notation, as it stands before its answer: with a sign of equality, if it has none of its own.
  public var asked: String { self + signOfEquality }

  /// What stands between a question and its answer, if it has no sign of its own.
  public var signOfEquality: String { hasSuffix("=") ? "" : " =" }
}

/// A question that was amplified, in the task's notation: what one looks at to see why it was answered so.
public struct AmplifiedQuestion: Hashable, Sendable, Codable {
  /// A question in a tree: who decided on it or answered it, and its sub-questions in order.
  public struct Node: Hashable, Sendable, Codable {
    public var question: String
    public var answer: String
    /// `H′@660`, `X teacher@1880`, `look-up`, `memo`, …
    public var by: String
    /// What is true, where there is such a question.
    public var truth: String
    /// Whether the answer is (one of) the right one(s).
    public var isRight: Bool
    /// −log of how likely the models think it that nothing in the tree is wrong, in nats; nil: nobody doubts it.
    public var doubt: Double?
    public var children: [Node]

    enum CodingKeys: String, CodingKey {
      case question, answer, by, truth, doubt, children
      case isRight = "right"
    }

    public init(
      question: String, answer: String, by: String, truth: String, isRight: Bool, doubt: Double? = nil,
      children: [Node]
    ) {
      self.doubt = doubt
      self.question = question
      self.answer = answer
      self.by = by
      self.truth = truth
      self.isRight = isRight
      self.children = children
    }

    /// Who it is by, and with how much doubt, for a line: `H′@660, doubt 0.031`.
    public var source: String { by + (doubt.map { ", doubt \($0.threeDigits)" } ?? "") }
    /// Sub-questions in the whole tree that had been answered before.
    public var memoHits: Int { children.reduce(by == "memo" ? 1 : 0) { $0 + $1.memoHits } }
    /// Questions in the whole tree.
    public var size: Int { children.reduce(1) { $0 + $1.size } }
  }

  /// What the models answered by themselves.
  public struct Direct: Hashable, Sendable, Codable {
    public var answer: String
    public var isRight: Bool

    enum CodingKeys: String, CodingKey {
      case answer
      case isRight = "right"
    }

    public init(answer: String, isRight: Bool) {
      self.answer = answer
      self.isRight = isRight
    }
  }

  public var task: String
  /// The class of question, by which accuracy is broken down.
  public var kind: String
  public var facts: [String]
  public var student: Direct
  public var teacher: Direct
  public var tree: Node

  public init(task: String, kind: String, facts: [String], student: Direct, teacher: Direct, tree: Node) {
    self.task = task
    self.kind = kind
    self.facts = facts
    self.student = student
    self.teacher = teacher
    self.tree = tree
  }
}

/// An amplified question that a run keeps to be looked at.
public struct KeptTree: Hashable, Sendable, Codable {
  /// Those after this round amplified it.
  public var round: Int
  /// Its place among those of the round.
  public var place: Int
  /// Who amplified it, and which contexts were in its unit of work.
  public var worker: String
  public var unit: String
  public var amplified: AmplifiedQuestion

  public init(round: Int, place: Int, worker: String, unit: String, amplified: AmplifiedQuestion) {
    self.round = round
    self.place = place
    self.worker = worker
    self.unit = unit
    self.amplified = amplified
  }
}
