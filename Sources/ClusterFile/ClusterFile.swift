/// Everything that `cluster.yaml` says, with defaults that run on a laptop. ``fields`` lists the keys.
public struct ClusterFile: Hashable, Sendable {
  /// Processes and how they talk.
  public struct Cluster: Hashable, Sendable {
    public var name = "grove"
    public var bind = "tcp://127.0.0.1:5570"
    public var workers = 2
    public var heartbeatMilliseconds = 500
    public var failureTimeoutMilliseconds = 5000
    public var workerMemoryMegabytes = 0
    public var verify = 0.01
  }

  /// Who may connect.
  public struct Security: Hashable, Sendable {
    public enum WithoutKeys: String, Hashable, Sendable, CaseIterable {
      case refused
      case open = "everybody may connect"
    }
    public var keyFile = "none"
    public var authorizedFile = "none"
    public var withoutKeys = WithoutKeys.refused
  }

  /// The web pages about it all.
  public struct Dashboard: Hashable, Sendable {
    public var bind = "http://127.0.0.1:5580"
    public var tokenFile = "none"
  }

  /// What is asked.
  public struct Task: Hashable, Sendable {
    public var name = "permutation"
    public var size = 8
    public var start = 8
    /// Whole numbers that only some tasks are told, by name: what a task has, and is allowed, it says itself.
    public var settings = ["bits": 3, "reversed": 0]
    public var raiseAt = 0.85
    public var raiseAfter = 50
    /// `all`, `none` or a path.
    public var taught = "all"
    public var taughtCount = 0
    public var taughtWrong = 0.0
    public var taughtSteps = 60
    public var taughtUntil = 1.0

    subscript(setting name: String) -> Int {
      get { settings[name] ?? 0 }
      set { settings[name] = newValue }
    }
  }

  /// How long, from which seed, and what is kept.
  public struct Run: Hashable, Sendable {
    public var rounds = 6000
    public var steps = 60_000
    public var seed: UInt64 = 1
    public var checkpointEvery = 50
    public var evaluateEvery = 10
    public var stopAt = 0.99
    public var folder = "runs"
  }

  /// Who decomposes.
  public struct Overseer: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable { case scripted, learned, human }
    public enum Choice: String, Hashable, Sendable, CaseIterable { case auto, random, uncertain }
    public enum Flaw: String, Hashable, Sendable, CaseIterable { case none, lazy, negligent, biased }
    public var kind = Kind.learned
    public var decompositions = 1000
    public var perRound = 5
    public var choice = Choice.auto
    public var candidates = 24
    public var patience = 100
    public var doubt = 0.5
    public var errorRate = 0.0
    public var flaw = Flaw.none
    public var robustness = 0.0
    public var trustLoss = 0.1
    public var steps = 20
    public var batch = 48
    public var learningRate = 0.001
    public var width = 64
    public var layers = 2

    /// Whether H is asked where H′ is uncertain.
    public var asksWhereUncertain: Bool { choice == .uncertain || choice == .auto && kind == .human }
  }

  /// What people check, and how they see it.
  public struct Oversight: Hashable, Sendable {
    public enum Choice: String, Hashable, Sendable, CaseIterable { case random, uncertainty, disagreement, depth }
    public enum Unreviewed: String, Hashable, Sendable, CaseIterable { case hold, pass, drop }
    public enum View: String, Hashable, Sendable, CaseIterable { case question, facts }
    public var review = 0.0
    public var choice = Choice.uncertainty
    public var within = 100
    public var unreviewed = Unreviewed.hold
    public var view = View.question
    public var leaseSeconds = 120
    public var undoSeconds = 10
    public var twice = 0.1
    public var peopleFile = "none"
  }

  /// One batch of questions that are amplified.
  public struct Amplification: Hashable, Sendable {
    public var depth = 1
    public var doubt = 0.0
    public var contexts = 50
    public var questions = 16
    public var shards = 4
  }

  /// How X is trained.
  public struct Distillation: Hashable, Sendable {
    public enum Target: String, Hashable, Sendable, CaseIterable { case amplified, truth }
    public var target = Target.amplified
    public var steps = 10
    public var microbatches = 4
    public var learningRate = 0.002
    public var warmUp = 100
    public var fallAfter = 0
    public var polyakHorizon = 100
    public var replay = 50
    public var batch = 0
    public var inner = 0
    public var abstain = 0.0
    public var accept = Accept()

    /// Which amplified answers become lessons.
    public struct Accept: Hashable, Sendable {
      public var doubt = 100.0
      public var surest = 1.0
    }
  }

  /// What X is, and its sizes.
  public struct Model: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable { case network, language }
    public enum Tuning: String, Hashable, Sendable, CaseIterable { case lora, full }
    public enum Targets: String, Hashable, Sendable, CaseIterable { case attention, all }
    public enum Optimizer: String, Hashable, Sendable, CaseIterable { case muon, adam }
    public enum Numbers: String, Hashable, Sendable, CaseIterable { case auto, float32, bfloat16 }
    public var kind = Kind.network
    /// `none` or a path.
    public var weights = "none"
    /// `none` or 64 hexadecimal digits.
    public var weightsSHA256 = "none"
    public var numbers = Numbers.auto
    public var tuning = Tuning.lora
    public var loraRank = 16
    public var loraTargets = Targets.all
    public var width = 64
    public var heads = 4
    public var factLayers = 4
    public var questionLayers = 4
    public var readingLayers = 0
    public var shareLayers = true
    public var matchTokens = true
    public var optimizer = Optimizer.muon
    public var device = "cpu"
  }

  public var cluster = Cluster()
  public var security = Security()
  public var dashboard = Dashboard()
  public var task = Task()
  public var run = Run()
  public var overseer = Overseer()
  public var oversight = Oversight()
  public var amplification = Amplification()
  public var distillation = Distillation()
  public var model = Model()

  public init() {}
}

/// What is wrong with a configuration: where, what, and what is allowed.
public struct ClusterFileError: Error, Equatable, CustomStringConvertible {
  public let description: String

  package init(_ description: String) {
    self.description = description
  }
}
