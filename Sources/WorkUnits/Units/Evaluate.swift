import Amplification

/// Answers held-out questions about some contexts at full size, directly and amplified.
public struct Evaluate: WorkUnit, Hashable {
  public static let name = "evaluate"

  /// The models to evaluate: those after this round.
  public var round: Int
  public var contexts: Range<Int>
  /// How many of the questions come back with their trees, to be looked at.
  public var trees: Int

  public init(round: Int, contexts: Range<Int>, trees: Int) {
    self.round = round
    self.contexts = contexts
    self.trees = trees
  }

  public func objection(to result: Evaluation, by rules: ResultRules) -> String? {
    let counts = result.byClass.values
    let questions = contexts.count * rules.questions
    guard
      counts.allSatisfy({ counts in
        (0...questions).contains(counts.questions)
          && [counts.student, counts.teacher, counts.amplified].allSatisfy { (0...counts.questions).contains($0) }
      }), counts.reduce(0, { $0 + $1.questions }) == questions
    else { return "counts that do not fit \(questions) questions" }
    guard result.byClass.keys.allSatisfy({ $0.count <= 80 && !$0.contains(where: \.isNewline) }),
      result.examples.count <= trees
    else { return "classes or examples that were not asked for" }
    return rules.first(result.examples) { example in
      rules.task.objection(to: example.context) ?? rules.task.objection(to: example.student)
        ?? rules.task.objection(to: example.teacher) ?? rules.objection(to: example.tree, depth: rules.depth)
    }
  }

  /// Whoever evaluated.
  public func isSame(_ one: Evaluation, _ other: Evaluation) -> Bool {
    one.byClass == other.byClass && one.examples == other.examples
  }
}

/// A held-out question with all that was answered to it.
public struct AnsweredQuestion: Sendable, Codable, Hashable {
  public var context: Context
  public var tree: AmplificationTree
  public var student: Answer
  public var teacher: Answer

  public init(context: Context, tree: AmplificationTree, student: Answer, teacher: Answer) {
    self.context = context
    self.tree = tree
    self.student = student
    self.teacher = teacher
  }
}

/// Right answers of student, teacher and amplified teacher.
public struct Evaluation: Sendable, Codable, Hashable {
  public struct Counts: Sendable, Codable, Hashable {
    public var questions = 0
    public var student = 0
    public var teacher = 0
    public var amplified = 0

    public init() {}

    public static func += (sum: inout Counts, other: Counts) {
      sum.questions += other.questions
      sum.student += other.student
      sum.teacher += other.teacher
      sum.amplified += other.amplified
    }
  }

  /// By class of question.
  public var byClass: [String: Counts] = [:]
  /// Some of the questions, in the order of the contexts.
  public var examples: [AnsweredQuestion] = []
  /// Who evaluated.
  public var worker = ""

  public init() {}

  public static func += (sum: inout Evaluation, other: Evaluation) {
    for (name, counts) in other.byClass { sum.byClass[name, default: Counts()] += counts }
  }
}
