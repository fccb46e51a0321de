import Amplification
import ClusterFile
import Distillation
import Randomness
import Tasks
import Worker
import WorkUnits

/// H′ alone, while it learns from H's first decompositions and X has learned nothing: what a run does before H′ is trusted,
/// to be measured without a cluster.
public final class Apprentice {
  private let replica: Replica
  private let configuration: ClusterFile
  private var transcripts: [Transcript] = []
  private var round = 0

  public init(_ configuration: ClusterFile) throws {
    var configuration = configuration
    configuration.distillation.microbatches = 1
    self.configuration = configuration
    replica = try Replica(configuration)
  }

  /// Decompositions that H gave so far.
  public var given: Int { transcripts.count }

  /// Asks H in the next round, and learns from all that it has said until then.
  ///
  /// - Parameters:
  ///   - candidates: questions that it could be asked.
  ///   - choice: the places of those that it is asked; H′'s attempts at all of them are passed once it has learned anything.
  public func learn(candidates: Int, choosing choice: ([Attempt.Decomposition]?) -> [Int]) async throws {
    round += 1
    func questions(_ places: [Int]) -> DecompositionQuestions {
      DecompositionQuestions(round: round, contexts: places, elements: replica.task.size)
    }
    let attempts =
      given > 0 ? try await Attempt(questions(Array(0..<candidates)), .mostDoubted).result(by: replica) : nil
    transcripts += try await Decompose(questions(choice(attempts))).result(by: replica).trees.map(\.transcript)
    try replica.begin(round, attempt: round)
    for step in 0..<configuration.overseer.steps {
      var random = CounterGenerator(seed: configuration.run.seed, purpose: .transcripts, round: round, index: step)
      let batch = (0..<configuration.overseer.batch).map { _ in
        transcripts[Int.random(in: transcripts.indices, using: &random)]
      }
      let sums = try replica.gradient(
        TrainingStep(.overseer, microbatches: [0: .transcripts(batch)], total: batch.count)
      ).sums
      guard let gradient = sums[0..<1] else { continue }
      try replica.apply(gradient, for: GradientKey(round: round, attempt: round, model: .overseer, step: step))
    }
  }

  /// Share of unseen questions that it takes apart exactly as H does, when both hear the same answers.
  public func accuracy(on questions: Int) async throws -> Double {
    let models = try replica.models(after: round)
    let batch = replica.task.sample(
      .heldOut, seed: configuration.run.seed, round: 0, 0..<questions, elements: replica.task.size, questions: 1)
    let ours = try await replica.decompose(batch, by: try models.imitator, hearing: models)
    let theirs = try await replica.decompose(batch, by: replica.task.scriptedOverseer(), hearing: models)
    return Double(zip(ours, theirs).count { $0.transcript == $1.transcript }) / Double(max(1, questions))
  }
}
