import Amplification
import ClusterFile
import Distillation
import WorkUnits

/// All of a run but its models, as it is between two rounds.
struct TrainingState: Sendable {
  /// Rounds done.
  var round = 0
  var curriculum: Curriculum
  var imitation: Imitation
  /// What H decided so far: what H′ learns from.
  var transcripts: [Transcript] = []
  /// What X learns from.
  var replay: ReplayBuffer<LessonTable>
  /// Distillation steps.
  var steps = 0
  var amplifiedQuestions = 0
  var subQuestions = 0
  /// Sub-questions that had been answered before.
  var memoHits = 0
  var wallSeconds = 0.0
  /// Evaluations in a row at which the run was good enough to stop.
  var goodEvaluations = 0

  /// The state before the first round.
  init(_ configuration: ClusterFile) {
    curriculum = Curriculum(from: configuration.task.start, to: configuration.task.size)
    imitation = Imitation(
      budget: configuration.overseer.decompositions, perRound: configuration.overseer.perRound,
      trust: configuration.overseer.trustLoss)
    replay = ReplayBuffer(capacity: configuration.distillation.replay)
  }
}
