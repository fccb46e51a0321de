import Foundation

/// Accuracy on held-out questions, each 0…1.
public struct Accuracy: Hashable, Sendable, Codable {
  /// One row: the student, the teacher, and the teacher amplified.
  public struct Row: Hashable, Sendable, Codable {
    public var student: Double
    public var teacher: Double
    public var amplified: Double

    public init(student: Double, teacher: Double, amplified: Double) {
      self.student = student
      self.teacher = teacher
      self.amplified = amplified
    }
  }

  public var student: Double
  public var teacher: Double
  public var amplified: Double
  /// By class of question.
  public var byClass: [String: Row]

  enum CodingKeys: String, CodingKey {
    case student, teacher, amplified
    case byClass = "by_class"
  }

  public init(_ all: Row, byClass: [String: Row]) {
    student = all.student
    teacher = all.teacher
    amplified = all.amplified
    self.byClass = byClass
  }

  /// Of all questions.
  public var row: Row { Row(student: student, teacher: teacher, amplified: amplified) }

  /// The classes, easier ones first: by name, with the numbers in it as numbers.
  public var classes: [(name: String, accuracy: Row)] {
    byClass.sorted { $0.key.compare($1.key, options: .numeric) == .orderedAscending }
      .map { (name: $0.key, accuracy: $0.value) }
  }
}

/// A worker, as people and tools see it.
public struct WorkerStatus: Hashable, Sendable, Codable {
  public var id: String
  public var host: String
  public var pid: Int
  /// `joining`, `up`, `suspect`, `cut off`, `draining`, `down` or `left`.
  public var state: String
  /// Rounds that its models have been trained.
  public var modelVersion: Int
  public var residentBytes: Int
  public var questionsPerSecond: Double
  public var gradientsPerSecond: Double
  public var shardsDone: Int
  public var lastSeenMilliseconds: Int
  /// Whether the others train without it, because it would hold them up.
  public var isSlow: Bool
  /// What it does at the moment, such as `amplifying, training`.
  public var work: String
  /// Whether it computes something, and the processor time that computing has had.
  public var isComputing = false
  public var processorSeconds = 0.0
  /// What is wrong with it, and what to do.
  public var warnings: [Warning] = []
  /// What its machine lets it use; 0: unknown.
  public var cores = 0
  public var memoryBytes = 0
  /// What it computes on, such as `cpu`.
  public var device = ""

  /// What one does that does nothing.
  public static let idle = "nothing"

  enum CodingKeys: String, CodingKey {
    case id, host, pid, state
    case modelVersion = "model_version"
    case residentBytes = "rss_bytes"
    case questionsPerSecond = "questions_per_s"
    case gradientsPerSecond = "gradients_per_s"
    case shardsDone = "shards_done"
    case lastSeenMilliseconds = "last_seen_ms"
    case isSlow = "slow"
    case isComputing = "computing"
    case processorSeconds = "processor_s"
    case work, cores, device, warnings
    case memoryBytes = "memory_bytes"
  }

  public init(id: String, host: String, pid: Int, state: String) {
    self.id = id
    self.host = host
    self.pid = pid
    self.state = state
    modelVersion = 0
    residentBytes = 0
    questionsPerSecond = 0
    gradientsPerSecond = 0
    shardsDone = 0
    lastSeenMilliseconds = 0
    isSlow = false
    work = Self.idle
  }
}

/// What a run waits for people for.
public struct WaitedFor: Hashable, Sendable, Codable {
  /// In words.
  public var what: String
  /// Who has some of it now; nobody may have.
  public var with: [String]
  /// Where a browser finds the desk; nil: nowhere.
  public var desk: String?
  /// With which a person decides in a terminal.
  public var command: String

  public init(what: String, with: [String], desk: String?, command: String) {
    self.what = what
    self.with = with
    self.desk = desk
    self.command = command
  }
}

/// A run, as people and tools see it.
public struct RunStatus: Hashable, Sendable, Codable {
  /// What a run is doing.
  public enum Phase: String, Hashable, Sendable, Codable, CaseIterable {
    /// No worker is there.
    case waiting
    /// Nothing is left to do without people.
    case asking
    /// H′ does not imitate H well enough yet.
    case imitating
    /// Amplifying and distilling.
    case training
    case evaluating, stopping, finished
  }

  public var name: String
  /// What commands need beside the name to find it, such as `--folder x`; nil: nothing.
  public var options: String?
  public var task: String
  public var phase: Phase
  public var round: Int
  public var rounds: Int
  public var accuracy: Accuracy?
  /// What became of the amplified answers before it was measured.
  public var lessons: Lessons?
  /// Questions that wait for a person.
  public var humanQueue: Int
  /// What people are waited for; nil: training goes on.
  public var waitsFor: String?
  /// Whom the run waits for, and where they decide; nil: it waits for nobody.
  public var people: WaitedFor?
  /// Seconds to the last round at the present speed; nil while unknown.
  public var secondsLeft: Double?
  public var steps: Int
  public var elements: Int
  public var humanDecompositions: Int
  public var amplifiedQuestions: Int
  public var roundsPerSecond: Double
  /// Since the last one was done, or the coordinator started.
  public var secondsSinceRound: Double
  /// The newest accuracies, oldest first.
  public var recent: [Accuracy.Row]

  /// How many of them.
  public static let mostRecent = 32

  enum CodingKeys: String, CodingKey {
    case name, options, task, phase, round, rounds, accuracy, lessons, steps, elements, people
    case humanQueue = "human_queue"
    case waitsFor = "waits_for"
    case secondsLeft = "eta_s"
    case humanDecompositions = "human_decompositions"
    case amplifiedQuestions = "amplified_questions"
    case roundsPerSecond = "rounds_per_s"
    case secondsSinceRound = "since_round_s"
    case recent
  }

  public init(name: String, task: String, rounds: Int) {
    self.name = name
    self.task = task
    self.rounds = rounds
    phase = .waiting
    round = 0
    humanQueue = 0
    steps = 0
    elements = 0
    humanDecompositions = 0
    amplifiedQuestions = 0
    roundsPerSecond = 0
    secondsSinceRound = 0
    recent = []
  }
}

/// A cluster with its workers and its run.
public struct ClusterStatus: Hashable, Sendable, Codable {
  public struct Cluster: Hashable, Sendable, Codable {
    public var name: String
    public var version: String
    public var uptime: Double
    /// Where a browser finds the dashboard; nil: nowhere.
    public var dashboard: String?
    /// Space that is left where the run is kept; nil if that is not known.
    public var diskFreeBytes: Int?
    /// Memory of the coordinator that is in RAM.
    public var residentBytes: Int?

    enum CodingKeys: String, CodingKey {
      case name, version, dashboard
      case uptime = "uptime_s"
      case diskFreeBytes = "disk_free_bytes"
      case residentBytes = "rss_bytes"
    }

    public init(name: String, version: String, uptime: Double) {
      self.name = name
      self.version = version
      self.uptime = uptime
    }
  }

  public var cluster: Cluster
  public var workers: [WorkerStatus]
  public var run: RunStatus
  /// What a person should look at, the worst first.
  public var warnings: [Warning]

  public init(cluster: Cluster, workers: [WorkerStatus], run: RunStatus) {
    self.cluster = cluster
    self.workers = workers
    self.run = run
    warnings = Self.warnings(cluster, workers, run)
  }
}
