import Amplification
import ClusterFile
import Distillation
import Models
import Tasks
import Torch

/// The models after a round, which nothing changes any more: student, teacher and H′, ready to answer.
package final class FrozenModels {
  let round: Int
  package let student, teacher: any Answerer
  private let learnedOverseer: (any ScoringOverseer)?
  /// Whether X has learned anything, here or elsewhere.
  let hasLearned: Bool

  init(_ blueprint: Blueprint, _ versions: [ModelName: ModelVersion], after round: Int) throws {
    guard let x = versions[.answerer] else {
      throw TorchError(operation: "models", reason: "those after round \(round) are not complete")
    }
    self.round = round
    (student, teacher) = try blueprint.answerers(x)
    learnedOverseer = try versions[.overseer].flatMap { try blueprint.imitator?($0) }
    hasLearned = if case .made = x { true } else { x.step > 0 }
  }

  /// H′. - Throws: if the run has none.
  package var imitator: any ScoringOverseer {
    get throws {
      guard let learnedOverseer else { throw NoImitatorError() }
      return learnedOverseer
    }
  }

  /// Mean −log p of whole transcripts by H′.
  func loss(of transcripts: [Transcript]) throws -> Double { Double(try imitator.loss(of: transcripts)) }

  /// −log p by H′ of all that was decided in each transcript.
  func negativeLogLikelihood(of transcripts: [Transcript]) throws -> [Float] {
    try imitator.negativeLogLikelihood(of: transcripts)
  }

  /// −log p by the teacher of each answer. - Throws: if it can't tell.
  func negativeLogLikelihood(of examples: Examples) throws -> [Float] {
    guard let teacher = teacher as? any ScoringAnswerer else { throw NoLikelihoodError() }
    return try teacher.negativeLogLikelihood(of: examples)
  }
}

extension Replica {
  /// H as far as it is a script.
  var scripted: ScriptedOverseer {
    let overseer = configuration.overseer
    return task.scriptedOverseer(errorRate: overseer.errorRate, flaw: Flaw(overseer.flaw))
  }

  /// X amplified by H′, or by H itself if it is a script.
  func amplifier(_ models: FrozenModels) throws -> Amplifier {
    let overseer: any Overseer =
      switch configuration.overseer.kind {
      case .scripted: scripted
      case .learned, .human: try models.imitator
      }
    return Amplifier(
      overseer: overseer, answerer: models.teacher, facts: task, mostSteps: task.mostSteps, doubt: doubtToAmplify)
  }

  /// With how much doubt X's answers to sub-questions stand; nil: with none.
  var doubtToAmplify: Doubt? {
    let doubt = configuration.amplification.doubt
    return doubt > 0 ? Doubt(doubt) : nil
  }
}

extension Flaw {
  fileprivate init(_ flaw: ClusterFile.Overseer.Flaw) {
    self =
      switch flaw {
      case .none: .none
      case .lazy: .lazy
      case .negligent: .negligent
      case .biased: .biased
      }
  }
}

/// A run has no H′, and something is asked of it.
struct NoImitatorError: Error, CustomStringConvertible {
  let description = "the run's models have no H′ that learns from H: overseer.kind can only be scripted"
}

/// X can't tell how likely an answer is.
struct NoLikelihoodError: Error, CustomStringConvertible {
  let description =
    "the run's X gives no probabilities, by which oversight.choice=uncertainty chooses; there is random, disagreement and "
    + "depth"
}
