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
    let pool = configuration.distillation.batch > 0 || !state.isTaught ? state.lessonPool : nil
    return models.flatMap { model in
      (0..<steps(from: model.learnsFrom, state)).map { step in
        let batch = batch(of: model.learnsFrom, round, step, state, pool)
        return TrainingStep(
          model, microbatches: batch.microbatches(configuration.distillation.microbatches), total: batch.terms)
      }
    }
  }

  private func steps(from data: TrainingData.Kind, _ state: TrainingState) -> Int {
    switch data {
    case .examples where !state.isTaught:
      min(configuration.distillation.steps, configuration.task.taughtSteps - state.steps)
    case .examples: state.replay.isEmpty ? 0 : configuration.distillation.steps
    case .transcripts where configuration.overseer.kind == .scripted: 0
    case .transcripts: Int((Double(configuration.overseer.steps) * state.imitation.effort).rounded())
    }
  }

  /// What a step learns from, drawn from all that there is.
  ///
  /// - Parameter pool: all that X learns from, if a step is not a batch as it was amplified.
  private func batch(
    of data: TrainingData.Kind, _ round: Int, _ step: Int, _ state: TrainingState, _ pool: LessonPool?
  ) -> TrainingData {
    let (seed, count) = (configuration.run.seed, configuration.distillation.batch)
    switch data {
    case .examples:
      var random = CounterGenerator(seed: seed, purpose: .replay, round: round, index: step)
      guard let pool else { return .examples(state.batch(using: &random)) }
      guard state.isTaught else {
        let count = count > 0 ? count : state.taught.questions.count
        let turn = state.steps + step
        return .examples(pool.turns(turn * count..<(turn + 1) * count, seed: seed))
      }
      return .examples(pool.sample(count, using: &random))
    case .transcripts:
      var random = CounterGenerator(seed: seed, purpose: .transcripts, round: round, index: step)
      return .transcripts(
        (0..<configuration.overseer.batch).map { _ in
          state.transcripts[Int.random(in: state.transcripts.indices, using: &random)]
        })
    }
  }
}
