import ActorCluster
import Distillation

/// Which gradient a part belongs to.
public struct GradientKey: Sendable, Codable, Hashable {
  public var round: Int
  public var attempt: Int
  public var model: ModelName
  public var step: Int

  public init(round: Int, attempt: Int, model: ModelName, step: Int) {
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
