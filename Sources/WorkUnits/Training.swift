import ActorCluster
import Amplification
import Distillation

/// A member of a team of workers that train together.
public struct TeamMember: Sendable, Codable, Hashable {
  public var node: NodeID
  /// Where the others reach it.
  public var endpoint: String

  public init(node: NodeID, endpoint: String) {
    self.node = node
    self.endpoint = endpoint
  }
}

/// All members of a team in the order of their ranks, written down once for all who are told: said to each anew, they would
/// be the square of their number.
public struct TeamList: Sendable, Codable {
  /// A line for each: its node, a space, and its endpoint.
  private let lines: Bulk

  public init(_ members: [TeamMember]) {
    lines = Bulk(Array(members.map { "\($0.node) \($0.endpoint)\n" }.joined().utf8))
  }

  /// nil if a line is none.
  public var members: [TeamMember]? {
    let text = lines.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    let members = text.split(separator: "\n").compactMap { line -> TeamMember? in
      let words = line.split(separator: " ", maxSplits: 1)
      guard words.count == 2, let node = NodeID(words[0]) else { return nil }
      return TeamMember(node: node, endpoint: String(words[1]))
    }
    return members.count == text.count { $0 == "\n" } ? members : nil
  }
}

/// One worker's part of a round of training: its microbatches of every step.
public struct TrainingAssignment: Sendable, Codable {
  /// No round takes so long. A member that is lost is found by its silence long before, and one that is slow is waited for.
  public static let deadline = Duration.seconds(3600)

  public var round: Int
  /// Larger than that of any attempt before, also by an earlier coordinator.
  public var attempt: Int
  public var team: TeamList
  /// The receiver's place in the team.
  public var rank: Int
  public var imitation: [ImitationStep]
  public var distillation: [DistillationStep]

  public init(
    round: Int, attempt: Int, team: TeamList, rank: Int, imitation: [ImitationStep],
    distillation: [DistillationStep]
  ) {
    self.round = round
    self.attempt = attempt
    self.team = team
    self.rank = rank
    self.imitation = imitation
    self.distillation = distillation
  }
}

/// One step of H′: this worker's microbatches.
public struct ImitationStep: Sendable, Codable, Hashable {
  public var microbatches: [Int: [Transcript]]
  /// In the whole batch.
  public var transcripts: Int

  public init(microbatches: [Int: [Transcript]], transcripts: Int) {
    self.microbatches = microbatches
    self.transcripts = transcripts
  }
}

/// One step of X: this worker's microbatches.
public struct DistillationStep: Sendable, Codable, Hashable {
  public var microbatches: [Int: LessonTable]
  /// In the whole batch.
  public var questions: Int

  public init(microbatches: [Int: LessonTable], questions: Int) {
    self.microbatches = microbatches
    self.questions = questions
  }
}

/// Which gradient a part belongs to.
public struct GradientKey: Sendable, Codable, Hashable {
  public enum Model: String, Sendable, Codable, Hashable { case answerer, overseer }

  public var round: Int
  public var attempt: Int
  public var model: Model
  public var step: Int

  public init(round: Int, attempt: Int, model: Model, step: Int) {
    self.round = round
    self.attempt = attempt
    self.model = model
    self.step = step
  }
}

/// One member's partial sums of another's gradient shard.
public struct GradientPart: Sendable, Codable {
  public var key: GradientKey
  /// Who computed it.
  public var rank: Int
  /// The runs of microbatches that were summed, as pairs of bounds.
  public var nodes: [Int32]
  /// The numbers of each run, one run behind the other, as 32-bit floats.
  public var sums: Bulk

  public init(key: GradientKey, rank: Int, nodes: [ReductionTree.Node], sums: Bulk) {
    self.key = key
    self.rank = rank
    self.nodes = nodes.flatMap { [Int32($0.lowerBound), Int32($0.upperBound)] }
    self.sums = sums
  }
}

/// How a round of training went for one member.
public struct TrainingReport: Sendable, Codable, Hashable {
  /// Of each step, by the member's microbatches: their share of the batch's mean loss.
  public var distillationLosses: [Int: [Float]]
  public var imitationLosses: [Int: [Float]]
  /// SHA-256 of the models after the round, hexadecimal.
  public var weightsHash: String
  /// What a microbatch of X took, in the mean; nil if there was none.
  public var secondsPerMicrobatch: Double?

  public init(
    distillationLosses: [Int: [Float]], imitationLosses: [Int: [Float]], weightsHash: String,
    secondsPerMicrobatch: Double?
  ) {
    self.distillationLosses = distillationLosses
    self.imitationLosses = imitationLosses
    self.weightsHash = weightsHash
    self.secondsPerMicrobatch = secondsPerMicrobatch
  }
}

/// All numbers of the models after a round.
public struct ModelSnapshot: Sendable, Codable {
  /// A named parameter.
  public struct Parameter: Sendable, Codable, Hashable {
    public var name: String
    public var shape: [Int]

    public init(name: String, shape: [Int]) {
      self.name = name
      self.shape = shape
    }
  }

  /// A model with its optimiser. The four vectors are 32-bit floats, a parameter behind the other.
  public struct Model: Sendable, Codable {
    public var name: GradientKey.Model
    public var step: Int
    public var parameters: [Parameter]
    public var values: Bulk
    public var first: Bulk
    public var second: Bulk
    public var average: Bulk

    public init(
      name: GradientKey.Model, step: Int, parameters: [Parameter], values: Bulk, first: Bulk, second: Bulk,
      average: Bulk
    ) {
      self.name = name
      self.step = step
      self.parameters = parameters
      self.values = values
      self.first = first
      self.second = second
      self.average = average
    }
  }

  public var round: Int
  public var models: [Model]

  public init(round: Int, models: [Model]) {
    self.round = round
    self.models = models
  }
}
