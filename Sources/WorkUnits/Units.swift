import ActorCluster
import Amplification
import Distillation

/// The run that a worker is to build its models for.
public struct RunPlan: Sendable, Codable, Hashable {
  /// The effective `cluster.yaml`.
  public var configuration: String
  /// Whether the models are those that training begins with; else the worker gets them next.
  public var begins = true

  public init(configuration: String) {
    self.configuration = configuration
  }
}

/// Questions for H: one about each of some contexts of the round.
public struct DecompositionShard: Sendable, Codable, Hashable {
  public var round: Int
  public var contexts: [Int]
  /// Elements in a context.
  public var elements: Int

  public init(round: Int, contexts: [Int], elements: Int) {
    self.round = round
    self.contexts = contexts
    self.elements = elements
  }
}

/// H's decompositions, a tree for each context.
public struct Decompositions: Sendable, Codable, Hashable {
  public var trees: [AmplificationTree]
  /// Mean −log p of a whole one by H′, before it learns from them.
  public var loss: Double

  public init(trees: [AmplificationTree], loss: Double) {
    self.trees = trees
    self.loss = loss
  }
}

/// Decompositions that people gave, by which H′ is measured.
public struct MeasurementShard: Sendable, Codable, Hashable {
  /// The models are those before this round.
  public var round: Int
  public var transcripts: [Transcript]

  public init(round: Int, transcripts: [Transcript]) {
    self.round = round
    self.transcripts = transcripts
  }
}

/// How H′ would decompose a question that H could be asked, and how uncertain it is.
public struct Attempt: Sendable, Codable, Hashable {
  public var transcript: Transcript
  /// −log p of all that it decided.
  public var uncertainty: Float

  public init(transcript: Transcript, uncertainty: Float) {
    self.transcript = transcript
    self.uncertainty = uncertainty
  }
}

/// A sub-question that a person asked X, of models after a round.
public struct DirectQuestion: Sendable, Codable, Hashable {
  public var round: Int
  public var context: Context
  public var question: Question

  public init(round: Int, context: Context, question: Question) {
    self.round = round
    self.context = context
    self.question = question
  }
}

/// An answer, and whose it is.
public struct DirectAnswer: Sendable, Codable, Hashable {
  public var answer: Answer
  public var author: Author

  public init(answer: Answer, author: Author) {
    self.answer = answer
    self.author = author
  }
}

/// The unit of amplification: the questions about some of a round's contexts.
public struct TreeShard: Sendable, Codable, Hashable {
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
}

/// A shard's amplified answers.
public struct GrownShard: Sendable, Codable, Hashable {
  public var lessons: LessonTable
  /// Questions on which the teacher's own answer is the amplified one.
  public var agreed: Int
  public var questions: Int
  public var subQuestions: Int
  /// Sub-questions that had been answered before.
  public var memoHits: Int
  /// Those of the lessons that a person is to check first.
  public var held: [HeldAnswer] = []

  public init(lessons: LessonTable, agreed: Int, questions: Int, subQuestions: Int, memoHits: Int) {
    self.lessons = lessons
    self.agreed = agreed
    self.questions = questions
    self.subQuestions = subQuestions
    self.memoHits = memoHits
  }
}

/// An amplified answer that X is not to learn before a person has checked it.
public struct HeldAnswer: Sendable, Codable, Hashable {
  /// Its place among the questions of its shard.
  public var place: Int
  public var context: Context
  public var tree: AmplificationTree

  public init(place: Int, context: Context, tree: AmplificationTree) {
    self.place = place
    self.context = context
    self.tree = tree
  }
}

/// Contexts with questions and answers, as columns of tokens.
public struct LessonTable: Sendable, Codable, Hashable {
  /// Facts of each context, and the questions asked of each.
  public var factCounts: [Int32]
  public var questionCounts: [Int32]
  /// Tokens of all facts, questions and answers, one behind the other.
  public var facts: [Int32]
  public var questions: [Int32]
  public var answers: [Int32]

  public init(
    factCounts: [Int32] = [], questionCounts: [Int32] = [], facts: [Int32] = [], questions: [Int32] = [],
    answers: [Int32] = []
  ) {
    self.factCounts = factCounts
    self.questionCounts = questionCounts
    self.facts = facts
    self.questions = questions
    self.answers = answers
  }

  public var contexts: Int { factCounts.count }

  public mutating func append(_ other: LessonTable) {
    factCounts += other.factCounts
    questionCounts += other.questionCounts
    facts += other.facts
    questions += other.questions
    answers += other.answers
  }

  /// Adds one question about a context.
  public mutating func append(_ question: Question, _ answer: Answer, about context: Context) {
    append(
      LessonTable(
        factCounts: [Int32(context.facts.count)], questionCounts: [1], facts: context.facts.flatMap(\.self),
        questions: question.tokens, answers: answer.tokens))
  }

  /// Without the questions at some places, counted over all contexts.
  public func without(_ places: Set<Int>) -> LessonTable {
    guard !places.isEmpty else { return self }
    var table = self
    let all = questionCounts.reduce(0) { $0 + Int($1) }
    (table.questions, table.answers) = ([], [])
    var place = 0
    for (context, count) in questionCounts.enumerated() {
      for _ in 0..<count {
        if places.contains(place) {
          table.questionCounts[context] -= 1
        } else {
          table.questions += questions[place * questions.count / all..<(place + 1) * questions.count / all]
          table.answers += answers[place * answers.count / all..<(place + 1) * answers.count / all]
        }
        place += 1
      }
    }
    return table
  }

  /// The rows of some contexts.
  public func contexts(_ run: Range<Int>) -> LessonTable {
    func slice(_ tokens: [Int32], _ counts: [Int32]) -> [Int32] {
      let all = counts.reduce(0) { $0 + Int($1) }
      guard all > 0 else { return [] }
      let length = tokens.count / all
      let start = counts[..<run.lowerBound].reduce(0) { $0 + Int($1) } * length
      let count = counts[run].reduce(0) { $0 + Int($1) } * length
      return Array(tokens[start..<start + count])
    }
    return LessonTable(
      factCounts: Array(factCounts[run]), questionCounts: Array(questionCounts[run]),
      facts: slice(facts, factCounts), questions: slice(questions, questionCounts),
      answers: slice(answers, questionCounts))
  }
}

/// Held-out questions: some of the contexts, at full size.
public struct EvaluationShard: Sendable, Codable, Hashable {
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
