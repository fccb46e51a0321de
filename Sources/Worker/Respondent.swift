import Amplification
import ClusterFile
import Tasks
import WorkUnits

/// The models of a run in this process, to be asked and measured without a cluster.
public final class Respondent {
  private let replica: Replica

  /// - Throws: if the snapshot is of models of another configuration.
  public init(_ configuration: ClusterFile, _ models: ModelSnapshot) throws {
    replica = try Replica(configuration, begins: false)
    try replica.load(models)
    try replica.freeze()
  }

  /// How many wrong answers a person would be shown who checks a share of them, chosen in each of the ways there are.
  ///
  /// - Parameter errorRate: share of H's decisions that are wrong.
  public func review(contexts: Int, share: Double, errorRate: Double, seed: UInt64) throws -> ReviewTrial {
    try replica.review(0..<contexts, share: share, errorRate: errorRate, seed: seed)
  }

  public var task: any TaskDefinition { replica.task }

  /// The student's own answer, and the tree that H′ (or the scripted overseer) and the teacher grow to a depth.
  ///
  /// - Parameter seed: of what is drawn where several answers are right.
  public func ask(
    _ question: Question, about context: Context, depth: Int, seed: UInt64
  ) throws -> (student: Answer, tree: AmplificationTree) {
    try replica.ask(question, about: context, depth: depth, seed: seed)
  }

  /// log p of each token of an answer, by the student's network: also where a look-up would answer.
  public func logProbabilities(
    of answer: Answer, to question: Question, about context: Context
  ) throws -> [Float] {
    try replica.logProbabilities(of: answer, to: question, about: context)
  }

  /// Right answers to the questions about held-out contexts of a seed.
  public func evaluate(contexts: Int, elements: Int, seed: UInt64) throws -> Evaluation {
    var evaluation = Evaluation()
    for start in stride(from: 0, to: contexts, by: 25) {
      evaluation += try replica.evaluate(start..<min(start + 25, contexts), elements: elements, seed: seed)
    }
    return evaluation
  }
}
