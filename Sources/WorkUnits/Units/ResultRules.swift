import Amplification
import ClusterFile
import Tasks

/// What results of a run can be like at all: by them what a worker sent is looked at before anything is done with it.
///
/// Whether it is *right* only a second worker can tell.
public struct ResultRules: Sendable {
  public let task: any TaskDefinition
  /// Questions about each context.
  public let questions: Int
  /// Levels of overseers above X.
  public let depth: Int
  /// Most sub-questions for each question that are learned, too.
  public let inner: Int
  /// What the weights after the present round hash to, if all have agreed on it.
  public let weights: String?

  public init(_ task: any TaskDefinition, _ configuration: ClusterFile, weights: String?) {
    self.task = task
    questions = configuration.amplification.questions
    depth = configuration.amplification.depth
    inner = configuration.distillation.inner
    self.weights = weights
  }

  /// The first objection to any of the parts.
  func first<Part>(_ parts: [Part], _ objection: (Part) -> String?) -> String? {
    parts.lazy.compactMap(objection).first
  }

  func objection(toLoss loss: Double) -> String? { loss.isFinite ? nil : "a loss that is no number" }

  func objection(to tree: AmplificationTree, depth: Int) -> String? {
    guard tree.turns.count <= task.mostSteps, depth > 0 || tree.turns.isEmpty else {
      return "a tree with more sub-questions than allowed"
    }
    return task.objection(to: tree.question) ?? task.objection(to: tree.answer)
      ?? first(tree.children) { objection(to: $0, depth: depth - 1) }
  }

  func objection(to transcript: Transcript) -> String? {
    guard transcript.steps.count <= task.mostSteps else { return "a transcript with more steps than allowed" }
    return task.objection(to: transcript.question) ?? transcript.answer.flatMap { task.objection(to: $0) }
      ?? first(transcript.steps) { task.objection(to: $0.question) ?? task.objection(to: $0.answer) }
  }
}
