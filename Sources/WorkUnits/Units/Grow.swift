import Amplification
import Distillation

/// Amplifies the questions about some of a round's contexts.
///
/// It says which questions these are, and does not carry them: whoever does it samples them, as anybody would.
public struct Grow: WorkUnit, Hashable {
  public static let name = "grow"

  public var round: Int
  /// Which of the round's contexts.
  public var contexts: Range<Int>
  /// Elements in a context.
  public var elements: Int

  public init(round: Int, contexts: Range<Int>, elements: Int) {
    self.round = round
    self.contexts = contexts
    self.elements = elements
  }

  /// Amplified answers.
  public struct Result: Sendable, Codable, Hashable {
    public var examples: Examples
    /// Questions on which the teacher's own answer is the amplified one.
    public var agreed: Int
    public var questions: Int
    public var subQuestions: Int
    /// Sub-questions that had been answered before.
    public var memoHits: Int
    /// Of each example, that anything in its tree is wrong.
    public var doubts: [Doubt]
    /// Of each example whether it is right, for showing; nothing is decided by it. Empty: the truth is not known.
    public var areRight: [Bool] = []
    /// Those of the examples that a person is to check first.
    public var held: [HeldAnswer] = []

    public init(
      examples: Examples, doubts: [Doubt], agreed: Int, questions: Int, subQuestions: Int, memoHits: Int
    ) {
      self.examples = examples
      self.doubts = doubts
      self.agreed = agreed
      self.questions = questions
      self.subQuestions = subQuestions
      self.memoHits = memoHits
    }
  }

  public func objection(to result: Result, by rules: ResultRules) -> String? {
    let (examples, task) = (result.examples, rules.task)
    let questions = contexts.count * rules.questions
    let most = Int32(clamping: rules.questions * (1 + rules.inner))
    guard examples.contexts == contexts.count, examples.isWhole,
      examples.questionCounts.allSatisfy({ (Int32(rules.questions)...most).contains($0) }),
      examples.factCounts.allSatisfy({ $0 < 1 << 20 })
    else { return "examples about other contexts than asked" }
    // Of deep trees as many as anybody could send.
    let mostBelow = (0..<rules.depth).reduce(0) { most, _ in min(1 << 32, task.mostSteps * (1 + most)) }
    guard result.questions == questions, (0...questions).contains(result.agreed),
      (0...questions * mostBelow).contains(result.subQuestions), (0...result.subQuestions).contains(result.memoHits)
    else { return "counts that do not fit \(questions) questions" }
    let lessons = examples.questions.count
    guard Set(result.held.map(\.place)).count == result.held.count,
      result.held.allSatisfy({ (0..<lessons).contains($0.place) })
    else { return "answers held back that were not asked for" }
    guard result.doubts.count == lessons, result.areRight.isEmpty || result.areRight.count == lessons else {
      return "doubts that do not fit \(lessons) answers"
    }
    return rules.first(examples.rows) { row in
      task.objection(to: row.context) ?? rules.first(row.questions) { task.objection(to: $0) }
        ?? rules.first(row.answers) { task.objection(to: $0) }
    }
      ?? rules.first(result.held) { held in
        task.objection(to: held.context) ?? rules.objection(to: held.tree, depth: rules.depth)
      }
  }
}

/// An amplified answer that X is not to learn before a person has checked it.
public struct HeldAnswer: Sendable, Codable, Hashable {
  /// Its place among the examples of its shard.
  public var place: Int
  public var context: Context
  public var tree: AmplificationTree

  public init(place: Int, context: Context, tree: AmplificationTree) {
    self.place = place
    self.context = context
    self.tree = tree
  }
}
