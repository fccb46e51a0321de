import Amplification
import Tasks

/// What a person sees of the desk: the question that they have, and how it goes.
public struct DeskView: Hashable, Sendable, Codable {
  /// The question that the person has.
  public struct Item: Hashable, Sendable, Codable {
    public var id: String
    public var kind: QuestionID.Kind
    public var question: String
    /// Those of the context; nil: people are not to see them.
    public var facts: [String]?
    /// Sub-questions so far.
    public var steps: [Step]
    /// Sub-questions that may still be asked.
    public var stepsLeft: Int
    /// What is to be checked, node by node; empty for a decomposition.
    public var nodes: [Node]
    /// Steps taken so far, by which a second submission of the same step is recognised.
    public var step: Int
    /// Seconds until somebody else may take it.
    public var leaseSeconds: Int
    /// What the question asks for, in words.
    public var meaning = ""

    enum CodingKeys: String, CodingKey {
      case id, kind, question, facts, steps, nodes, step, meaning
      case stepsLeft = "steps_left"
      case leaseSeconds = "lease_s"
    }
  }

  /// A sub-question with its answer.
  public struct Step: Hashable, Sendable, Codable {
    public var question: String
    public var answer: String
    /// Who answered.
    public var by: String
  }

  /// A node of a tree that is checked.
  public struct Node: Hashable, Sendable, Codable {
    /// By which people call it, from 1.
    public var number: Int
    public var depth: Int
    public var question: String
    public var answer: String
    public var by: String
    /// What the person said of it so far: `accepted`, `rejected`, or the right answer.
    public var verdict: String?
    /// What the question asks for, in words.
    public var meaning = ""
  }

  public var run: String
  public var task: String
  public var person: String
  /// nil: there is nothing for this person now.
  public var item: Item?
  /// Why what was said last was not taken.
  public var problem: String?
  /// What came of what was said last.
  public var notice: String?
  /// Why what was said last is taken only if it is said again.
  public var doubt: String?
  /// Questions on which nobody has decided, and those of them that the run can't do without now.
  public var waiting: Int
  public var needed: Int
  /// Who else has some of them now.
  public var others: [String]
  /// Judgments by this person, and by all.
  public var own: Int
  public var all: Int
  /// Cohen's κ between people who got the same questions; nil: none did, or always chose the same.
  public var agreement: Double?
  /// Decisions that two people took about the same.
  public var compared: Int
  /// Forms in which sub-questions are written, an example each.
  public var forms: [String]
  /// What these examples ask for, in words.
  public var meanings: [String]
  /// What the facts say, and how questions are taken apart.
  public var guide: String
  /// What the person may take back by `undo`.
  public var undo: String?
  /// Training does not use it for so many seconds, unless the person says `sure`.
  public var undoSeconds: Int?

  enum CodingKeys: String, CodingKey {
    case run, task, person, item, problem, notice, doubt, waiting, needed, others, own, all, agreement, compared, forms
    case meanings, guide, undo
    case undoSeconds = "undo_s"
  }
}

/// What would come of a line before it is said.
public struct DeskCheck: Hashable, Sendable, Codable {
  /// Whether it would be taken.
  public var isFine: Bool
  /// What it means, or what is wrong with it.
  public var says: String
  /// Lines that begin so.
  public var completions: [String]
  public var state: State

  /// How a line stands while it is typed.
  public enum State: String, Hashable, Sendable, Codable {
    /// It would be taken.
    case fine
    /// It would be asked about once more.
    case doubtful
    /// It is the beginning of something.
    case unfinished
    case bad
  }

  enum CodingKeys: String, CodingKey {
    case says, completions, state
    case isFine = "fine"
  }
}

extension DeskView.Item {
  /// What a person sees of a question after the steps that they took.
  init(
    _ item: DeskItem, _ draft: [DraftEntry], showsFacts: Bool, leaseSeconds: Int, _ task: any TaskDefinition
  ) {
    let marks = draft.reduce(into: [Int: NodeVerdict]()) { marks, entry in
      if let number = entry.number { marks[number] = entry.verdict }
    }
    let nodes = (item.tree?.nodes ?? []).enumerated().map { place, entry in
      DeskView.Node(
        number: place + 1, depth: entry.depth, question: task.write(entry.node.question),
        answer: task.write(entry.node.answer), by: entry.node.author.description,
        verdict: marks[place + 1].map { verdict in
          switch verdict {
          case .accepted: "accepted"
          case .rejected: "rejected"
          case .corrected(let answer): task.write(answer)
          }
        }, meaning: task.meaning(of: entry.node.question))
    }
    self.init(
      id: item.id.description, kind: item.id.kind, question: task.write(item.asked.question),
      facts: showsFacts ? task.write(item.context) : nil,
      steps: draft.compactMap(\.asked).map {
        DeskView.Step(question: task.write($0.question), answer: task.write($0.answer), by: $0.author.description)
      }, stepsLeft: item.tree == nil ? task.mostSteps - draft.count : 0, nodes: nodes, step: draft.count,
      leaseSeconds: leaseSeconds, meaning: task.meaning(of: item.asked.question))
  }
}
