import ActorCluster
import Distillation

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
  /// In this order, for all members alike.
  public var steps: [TrainingStep]
  /// Models that another program made: those of these names are they from this round on.
  public var made: [ModelName: ModelReference]

  public init(
    round: Int, attempt: Int, team: TeamList, rank: Int, steps: [TrainingStep],
    made: [ModelName: ModelReference] = [:]
  ) {
    self.round = round
    self.attempt = attempt
    self.team = team
    self.rank = rank
    self.steps = steps
    self.made = made
  }

  /// Why that can't be the report of it; nil: it can.
  public func objection(to report: TrainingReport) -> String? {
    // A loss for each time that a microbatch is in the steps, and no other.
    let given = steps.reduce(into: [ModelName: [Int: Int]]()) { counts, step in
      for microbatch in step.microbatches.keys { counts[step.model, default: [:]][microbatch, default: 0] += 1 }
    }
    guard report.losses.mapValues({ $0.mapValues(\.count) }).filter({ !$0.value.isEmpty }) == given else {
      return "losses of other microbatches than it was given"
    }
    return report.weightsHash.utf8.count == WeightsHash.length && report.weightsHash.allSatisfy(\.isHexDigit)
      ? nil : "a hash that is none"
  }
}

/// One step of a model: this worker's microbatches.
public struct TrainingStep: Sendable, Codable, Hashable {
  public var model: ModelName
  /// By their places in the batch.
  public var microbatches: [Int: TrainingData]
  /// Questions or transcripts in the whole batch: what the gradients are the mean over.
  public var total: Int

  public init(_ model: ModelName, microbatches: [Int: TrainingData], total: Int) {
    self.model = model
    self.microbatches = microbatches
    self.total = total
  }

  /// The same step for who has only some of the microbatches.
  public func only(_ run: Range<Int>) -> TrainingStep {
    TrainingStep(model, microbatches: microbatches.filter { run.contains($0.key) }, total: total)
  }
}

/// How a round of training went for one member.
public struct TrainingReport: Sendable, Codable, Hashable {
  /// Of each model's steps, by the member's microbatches: their share of the batch's mean loss.
  public var losses: [ModelName: [Int: [Float]]]
  /// SHA-256 of the models after the round, hexadecimal.
  public var weightsHash: String
  /// What a microbatch of each model took, in the mean.
  public var secondsPerMicrobatch: [ModelName: Double]

  public init(
    losses: [ModelName: [Int: [Float]]], weightsHash: String, secondsPerMicrobatch: [ModelName: Double]
  ) {
    self.losses = losses
    self.weightsHash = weightsHash
    self.secondsPerMicrobatch = secondsPerMicrobatch
  }
}
