import Amplification
import ClusterFile
import Distillation
import Models
import Randomness
import Tasks
import WorkUnits

/// The models of a run in this process, to be asked and measured without a cluster.
public final class LoadedModels {
  package let replica: Replica
  package let models: FrozenModels

  /// - Throws: if the snapshot is of models of another configuration.
  public convenience init(_ configuration: ClusterFile, _ models: ModelSnapshot) throws {
    try self.init(configuration, models, Blueprint.init)
  }

  /// - Parameter draft: draws what the models of the run are.
  init(_ configuration: ClusterFile, _ models: ModelSnapshot, _ draft: Blueprint.Draft) throws {
    replica = try Replica(configuration, begins: false, draft)
    try replica.load(models)
    self.models = try replica.models(after: replica.round)
  }

  public var task: any TaskDefinition { replica.task }

  /// The student's own answer, and the tree that H′ (or the scripted overseer) and the teacher grow to a depth; the tree of
  /// depth 0 is a leaf.
  ///
  /// - Parameter seed: of what is drawn where several answers are right.
  public func ask(
    _ question: Question, about context: Context, depth: Int, seed: UInt64
  ) async throws -> (student: Answer, tree: AmplificationTree) {
    let asked = Asked(question, about: 0, key: RandomKey(seed: seed, purpose: .questions))
    if let leaf = task.lookedUp(asked, in: context) { return (leaf.answer, leaf) }
    let reply = try await models.student.reply(to: [asked], in: [context]).first
    let direct = AmplificationTree(question, reply ?? Reply(task.unknown, by: models.student.author))
    guard depth > 0 else { return (direct.answer, direct) }
    let trees = try await replica.amplifier(models).amplify([asked], in: [context], depth: depth)
    return (direct.answer, trees.first ?? direct)
  }

  /// log p of each token of an answer, by the student, also where a look-up would answer; nil: it can't tell.
  public func logProbabilities(
    of answer: Answer, to question: Question, about context: Context
  ) throws -> [Float]? {
    try (models.student as? any ScoringAnswerer)?.logProbabilities(of: answer, to: question, in: context)
  }

  /// Right answers to the questions about held-out contexts of a seed.
  public func evaluate(contexts: Int, elements: Int, seed: UInt64) async throws -> Evaluation {
    var evaluation = Evaluation()
    for start in stride(from: 0, to: contexts, by: 25) {
      evaluation += try await replica.evaluate(
        start..<min(start + 25, contexts), elements: elements, seed: seed, models)
    }
    return evaluation
  }
}
