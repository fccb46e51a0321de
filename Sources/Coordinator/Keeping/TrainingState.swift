import Amplification
import ClusterFile
import Distillation
import Randomness
import Status
import WorkUnits

/// All of a run but its models, as it is between two rounds.
package struct TrainingState: Sendable {
  /// Rounds done.
  package var round = 0
  var curriculum: Curriculum
  var imitation: Imitation
  /// What H decided so far: what H′ learns from.
  package var transcripts = TranscriptTable()
  /// Decompositions that people owe: asked for, and not learned from yet.
  var owed: [OwedDecompositions] = []
  /// Amplified answers that wait for a person to check them.
  var held: [HeldExample] = []
  /// What X learns from.
  var replay: ReplayBuffer<Examples>
  /// The rounds of its newest batches, oldest first; of batches from before that was noted they are not known.
  private(set) var replayRounds: [Int] = []
  /// Elements in the contexts of these rounds.
  private(set) var replayElements: [Int] = []
  /// What people taught X, which it keeps learning from, too.
  var taught = Examples()
  /// Whether X is asked anything yet; until then it learns what it is taught, and nothing else.
  var isTaught = true
  /// The newest of each model that another program made in the run.
  var made: [ModelName: ModelReference] = [:]
  /// Distillation steps.
  var steps = 0
  var amplifiedQuestions = 0
  var subQuestions = 0
  /// Sub-questions that had been answered before.
  var memoHits = 0
  /// What became of amplified answers since the last evaluation.
  var lessons = Lessons()
  var wallSeconds = 0.0
  /// Evaluations in a row at which the run was good enough to stop.
  var goodEvaluations = 0
  /// The accuracy that makes one good; nil: of checkpoints from before that was noted.
  var stopAt: Double?

  /// The state before the first round.
  init(_ configuration: ClusterFile) {
    curriculum = Curriculum(from: configuration.task.start, to: configuration.task.size)
    imitation = Imitation(
      budget: configuration.overseer.decompositions, perRound: configuration.overseer.perRound,
      trust: configuration.overseer.trustLoss)
    replay = ReplayBuffer(capacity: configuration.distillation.replay)
    stopAt = configuration.run.stopAt
  }
}

extension TrainingState {
  /// Takes what a round amplified as the newest batch.
  mutating func learns(_ batch: Examples, of round: Int, elements: Int) {
    // Where nothing was accepted there is nothing to learn.
    guard batch.questions.count > 0 else { return }
    replay.append(batch)
    replayRounds = Array((replayRounds + [round]).suffix(replay.batches.count))
    replayElements = Array((replayElements + [elements]).suffix(replay.batches.count))
  }

  /// Is taught this before anything else.
  mutating func begins(with examples: Examples) {
    (taught, isTaught) = (examples, examples.questions.count == 0)
  }

  /// One of the batches that X learns from, as it was amplified; what was taught is one of them.
  func batch(using random: inout CounterGenerator) -> Examples {
    guard taught.questions.count > 0 else { return replay.sample(using: &random) }
    let place = Int.random(in: 0...replay.batches.count, using: &random)
    return place < replay.batches.count ? replay.batches[place] : taught
  }

  /// All that X learns from, the taught below all levels; of what level it is is not known of the oldest batches.
  var lessonPool: LessonPool {
    let unknown = [Int](repeating: 1, count: replay.batches.count - replayElements.count)
    return LessonPool(
      [(level: 0, examples: taught)] + zip(unknown + replayElements, replay.batches).map { (level: $0, examples: $1) })
  }

  /// Takes the batches of a checkpoint.
  mutating func learned(_ batches: ReplayBuffer<Examples>, of rounds: [Int], elements: [Int]) {
    replay = batches
    replayRounds = Array(rounds.suffix(batches.batches.count))
    replayElements = Array(elements.suffix(batches.batches.count))
  }

  /// Takes note of an evaluation.
  mutating func evaluated(_ line: MetricsLine) {
    let goal = stopAt ?? .infinity
    let isGood = line.accuracy.student >= goal && line.accuracy.amplified >= goal && line.elements == curriculum.goal
    goodEvaluations = isGood ? goodEvaluations + 1 : 0
  }

  /// Has another accuracy make an evaluation good, as if it always had.
  mutating func stops(at accuracy: Double, after history: [MetricsLine]) {
    (stopAt, goodEvaluations) = (accuracy, 0)
    for line in history { evaluated(line) }
  }
}

/// Questions of one round that people were asked.
struct OwedDecompositions: Sendable, Codable, Hashable {
  var round: Int
  /// Of the round's questions.
  var places: [Int]
  /// By place, those that amplification came to.
  var met: [Int: Question]?
  /// Elements in their contexts.
  var elements: Int
  /// Whether X had learned anything when they were asked.
  var hasLearned: Bool
  /// The round in which they are learned from, and for which the run waits if need be.
  var due: Int

  var questions: DecompositionQuestions {
    DecompositionQuestions(round: round, contexts: places, elements: elements, met: met ?? [:])
  }
}

/// An amplified answer that X does not learn before a person has checked it.
struct HeldExample: Sendable, Codable, Hashable {
  var round: Int
  /// Among the round's questions.
  var place: Int
  /// Elements in its context.
  var elements: Int
  /// The round at whose end it is decided on.
  var due: Int
}
