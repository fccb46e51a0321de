import Amplification
import Tasks

/// Asks H, as far as it is a script, to decompose a question about each of some contexts of a round, with the teacher
/// answering its sub-questions.
public struct Decompose: WorkUnit, Hashable {
  public static let name = "decompose"

  public var questions: DecompositionQuestions

  public init(_ questions: DecompositionQuestions) { self.questions = questions }

  /// H's decompositions, a tree for each context.
  public struct Result: Sendable, Codable, Hashable {
    public var trees: [AmplificationTree]
    /// Mean −log p of a whole one by H′, before it learns from them.
    public var loss: Double

    public init(trees: [AmplificationTree], loss: Double) {
      self.trees = trees
      self.loss = loss
    }
  }

  public func objection(to result: Result, by rules: ResultRules) -> String? {
    guard result.trees.count == questions.contexts.count else {
      return "\(result.trees.count) decompositions of \(questions.contexts.count) questions"
    }
    return rules.objection(toLoss: result.loss) ?? rules.first(result.trees) { rules.objection(to: $0, depth: 1) }
  }
}

/// Questions for H: one about each of some contexts of the round.
public struct DecompositionQuestions: Sendable, Codable, Hashable {
  public var round: Int
  public var contexts: [Int]
  /// Elements in a context.
  public var elements: Int
  /// By context, the questions that amplification came to; the others are as they are drawn.
  public var met: [Int: Question]

  public init(round: Int, contexts: [Int], elements: Int, met: [Int: Question] = [:]) {
    self.round = round
    self.contexts = contexts
    self.elements = elements
    self.met = met
  }

  /// With the contexts that they are about.
  public func batch(of task: any TaskDefinition, seed: UInt64) -> QuestionBatch {
    var batch = task.sample(.decompositions, seed: seed, round: round, contexts, elements: elements, questions: 1)
    for (row, context) in contexts.enumerated() {
      if let question = met[context] { batch.asked[row].question = question }
    }
    return batch
  }
}
