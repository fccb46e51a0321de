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
  var transcripts = TranscriptTable()
  /// Decompositions that people owe: asked for, and not learned from yet.
  var owed: [OwedDecompositions] = []
  /// Amplified answers that wait for a person to check them.
  var held: [HeldLesson] = []
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

/// Questions of one round that people were asked.
struct OwedDecompositions: Sendable, Codable, Hashable {
  var round: Int
  /// Of the round's questions.
  var places: [Int]
  /// Elements in their contexts.
  var elements: Int
  /// Whether X had learned anything when they were asked.
  var hasLearned: Bool
  /// The round in which they are learned from, and for which the run waits if need be.
  var due: Int
}

/// An amplified answer that X does not learn before a person has checked it.
struct HeldLesson: Sendable, Codable, Hashable {
  var round: Int
  /// Among the round's questions.
  var place: Int
  /// Elements in its context.
  var elements: Int
  /// The round at whose end it is decided on.
  var due: Int
}
