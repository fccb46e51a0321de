import Distillation
import WorkUnits

/// How the models of a run learn. Grove's own takes steps along gradients, which the workers compute; another may hand what
/// there is to learn from to a program, and get a new model back.
protocol Trainer: Sendable {
  /// What the models learn in a round of what there was before it.
  ///
  /// It may be asked again for the same round, as when a run is taken up, and should then say the same.
  ///
  /// - Throws: whatever ends the run, as a sentence.
  func plan(_ round: Int, from state: TrainingState) async throws -> TrainingPlan
}

/// What a round of training is: steps that the workers take together, and models that another program made, with which they
/// go on.
struct TrainingPlan: Sendable {
  var steps: [TrainingStep] = []
  var made: [ModelName: ModelReference] = [:]
}
