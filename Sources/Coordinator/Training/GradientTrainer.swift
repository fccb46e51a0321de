import Amplification
import ClusterFile
import Distillation
import Randomness
import WorkUnits

/// Grove's own way to train: batches are drawn, cut into microbatches, and their gradients are the workers' to compute.
struct GradientTrainer: Trainer {
  let configuration: ClusterFile
  /// Those that learn so.
  var models = ModelName.all

  func plan(_ round: Int, from state: TrainingState) -> TrainingPlan { TrainingPlan(steps: steps(of: round, state)) }

  /// The steps of a round with all of their microbatches, model by model.
  private func steps(of round: Int, _ state: TrainingState) -> [TrainingStep] {
    models.flatMap { model in
      (0..<steps(from: model.learnsFrom, state)).map { step in
        let batch = batch(of: model.learnsFrom, round, step, state)
        return TrainingStep(
          model, microbatches: batch.microbatches(configuration.distillation.microbatches), total: batch.count)
      }
    }
  }

  private func steps(from data: TrainingData.Kind, _ state: TrainingState) -> Int {
    switch data {
    case .examples: state.replay.isEmpty ? 0 : configuration.distillation.steps
    case .transcripts where configuration.overseer.kind == .scripted: 0
    case .transcripts: Int((Double(configuration.overseer.steps) * state.imitation.effort).rounded())
    }
  }

  /// What a step learns from, drawn from all that there is.
  private func batch(of data: TrainingData.Kind, _ round: Int, _ step: Int, _ state: TrainingState) -> TrainingData {
    let seed = configuration.run.seed
    switch data {
    case .examples:
      var random = CounterGenerator(seed: seed, purpose: .replay, round: round, index: step)
      return .examples(state.replay.sample(using: &random))
    case .transcripts:
      var random = CounterGenerator(seed: seed, purpose: .transcripts, round: round, index: step)
      return .transcripts(
        (0..<configuration.overseer.batch).map { _ in
          state.transcripts[Int.random(in: state.transcripts.indices, using: &random)]
        })
    }
  }
}
