import Distillation
import WorkUnits

/// How the models of a run learn in a round. Grove's own computes gradients on the workers; another may hand the data to a
/// program, and get a new model back.
protocol Trainer: Sendable {
  /// Has the models learn from what there was before a round; a pure function of it and the seed.
  ///
  /// - Throws: ``NoReplicaError`` if nobody has the models before the round any more; ``DivergedError`` if nothing of the round
  ///   can be relied on; ``TrainingError`` if there is nothing more to be learned.
  func train(_ round: Int, from state: TrainingState, with crew: Crew) async throws -> TrainingOutcome
}

/// How a round of training went.
struct TrainingOutcome: Sendable {
  /// Mean loss over the round's steps, of the models that learned.
  var losses: [ModelName: Double] = [:]
  /// Steps that they took.
  var steps: [ModelName: Int] = [:]
  /// Models that another program made, and that are used from now on.
  var made: [ModelName: ModelReference] = [:]

  /// The model whose loss is no number; nil: none.
  var diverged: ModelName? { ModelName.all.first { losses[$0]?.isFinite == false } }
}

/// Weights of a model have grown beyond all numbers.
struct TrainingError: Error, CustomStringConvertible {
  let model: ModelName
  let round: Int

  var description: String {
    let (name, rate) =
      switch model {
      case .answerer: ("X", "distillation.learning_rate")
      case .overseer: ("H′", "overseer.learning_rate")
      default: (model.rawValue, "learning rate")
      }
    return
      "the training of \(name) diverged: its loss in round \(round) is no number. Begin anew with a smaller \(rate)"
  }
}
