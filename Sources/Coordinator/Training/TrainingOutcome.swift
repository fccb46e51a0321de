import Distillation
import WorkUnits

/// How a round of training went.
struct TrainingOutcome: Sendable {
  /// Mean loss over the round's steps, of the models that took any.
  var losses: [ModelName: Double] = [:]
  /// Steps that models took; what another program made is one.
  var steps: [ModelName: Int]
  /// Models that another program made, and that are used from now on.
  var made: [ModelName: ModelReference]

  /// Adds up losses in the order of the microbatches, so that the sum does not depend on who computed them.
  init(of plan: TrainingPlan, _ reports: [TrainingReport]) {
    made = plan.made
    steps = plan.steps.reduce(into: plan.made.mapValues { _ in 1 }) { $0[$1.model, default: 0] += 1 }
    for (model, count) in Dictionary(grouping: plan.steps, by: \.model).mapValues(\.count) {
      let merged = reports.compactMap { $0.losses[model] }.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
      let total = merged.keys.sorted().reduce(0.0) { sum, key in
        (merged[key] ?? []).reduce(sum) { $0 + Double($1) }
      }
      losses[model] = total / Double(count)
    }
  }

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
