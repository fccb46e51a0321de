/// `result.json`: what a finished run came to.
public struct RunResult: Hashable, Sendable, Codable {
  public var name: String
  public var task: String
  public var seed: UInt64
  public var workers: Int
  public var rounds: Int
  /// Distillation steps.
  public var steps: Int
  public var wallSeconds: Double
  public var humanDecompositions: Int
  public var amplifiedQuestions: Int
  public var subQuestions: Int
  /// Sub-questions that had been answered before, about the same context.
  public var memoHits: Int
  public var accuracy: Accuracy
  public var weightsSHA256: String
  public var finished: Bool
  /// Fingerprints of those that made it, in order; results from before that was written down have none.
  public var builds: [String]?
  /// The rules by which it ended; results from before that was written down have none.
  public var limits: Limits?

  /// When a run ends: `run.rounds`, `run.steps` and `run.stop_at`.
  public struct Limits: Hashable, Sendable, Codable {
    public var rounds: Int
    public var steps: Int
    public var stopAt: Double

    enum CodingKeys: String, CodingKey {
      case rounds, steps
      case stopAt = "stop_at"
    }

    public init(rounds: Int, steps: Int, stopAt: Double) {
      (self.rounds, self.steps, self.stopAt) = (rounds, steps, stopAt)
    }
  }

  enum CodingKeys: String, CodingKey {
    case name, task, seed, workers, rounds, steps, accuracy, finished, builds, limits
    case wallSeconds = "wall_seconds"
    case humanDecompositions = "human_decompositions"
    case amplifiedQuestions = "amplified_questions"
    case subQuestions = "sub_questions"
    case memoHits = "memo_hits"
    case weightsSHA256 = "weights_sha256"
  }

  public init(
    name: String, task: String, seed: UInt64, workers: Int, rounds: Int, steps: Int, wallSeconds: Double,
    humanDecompositions: Int, amplifiedQuestions: Int, subQuestions: Int, memoHits: Int, accuracy: Accuracy,
    weightsSHA256: String,
    finished: Bool
  ) {
    self.name = name
    self.task = task
    self.seed = seed
    self.workers = workers
    self.rounds = rounds
    self.steps = steps
    self.wallSeconds = wallSeconds
    self.humanDecompositions = humanDecompositions
    self.amplifiedQuestions = amplifiedQuestions
    self.subQuestions = subQuestions
    self.memoHits = memoHits
    self.accuracy = accuracy
    self.weightsSHA256 = weightsSHA256
    self.finished = finished
  }
}

/// A line of `metrics.jsonl`: a round at which accuracy was measured.
public struct MetricsLine: Hashable, Sendable, Codable {
  public var round: Int
  public var steps: Int
  public var wallSeconds: Double
  public var elements: Int
  /// Moving average of the teacher's agreement with amplified answers.
  public var agreement: Double
  /// Mean −log p of the student on its batches since the line before; nil if it did not train.
  public var loss: Double?
  /// Mean −log p of H′ on decompositions that it had not seen.
  public var overseerLoss: Double?
  public var humanDecompositions: Int
  public var amplifiedQuestions: Int
  public var subQuestions: Int
  /// Sub-questions that had been answered before, about the same context.
  public var memoHits: Int
  public var accuracy: Accuracy
  /// Of X's newest step; lines from before that was written down have none.
  public var learningRate: Double?
  /// In RAM, of the coordinator and all workers.
  public var memoryBytes: Int?
  /// Amplified answers since the line before; lines from before that was noted have none.
  public var lessons: Lessons?

  enum CodingKeys: String, CodingKey {
    case round, steps, elements, agreement, loss, accuracy, lessons
    case learningRate = "learning_rate"
    case memoryBytes = "memory_bytes"
    case wallSeconds = "wall_seconds"
    case overseerLoss = "overseer_loss"
    case humanDecompositions = "human_decompositions"
    case amplifiedQuestions = "amplified_questions"
    case subQuestions = "sub_questions"
    case memoHits = "memo_hits"
  }

  public init(
    round: Int, steps: Int, wallSeconds: Double, elements: Int, agreement: Double, loss: Double?,
    overseerLoss: Double?, humanDecompositions: Int, amplifiedQuestions: Int, subQuestions: Int, memoHits: Int,
    accuracy: Accuracy
  ) {
    self.round = round
    self.steps = steps
    self.wallSeconds = wallSeconds
    self.elements = elements
    self.agreement = agreement
    self.loss = loss
    self.overseerLoss = overseerLoss
    self.humanDecompositions = humanDecompositions
    self.amplifiedQuestions = amplifiedQuestions
    self.subQuestions = subQuestions
    self.memoHits = memoHits
    self.accuracy = accuracy
  }
}
