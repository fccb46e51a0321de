/// When H is asked for decompositions, and when H′ learns from them and is trusted.
///
/// Fresh decompositions are first used to measure H′, which has not seen them, and then to train it. As its loss on them
/// falls, H is asked less often; once it is below `trust`, H′ has learned what H does, and H is not asked again.
public struct Imitation: Hashable, Sendable, Codable {
  /// Decompositions that H gives at most, in all.
  public let budget: Int
  /// Decompositions a round while H′ knows little.
  public let perRound: Int
  /// Mean −log p a decided token, below which H′ stands in for H.
  public let trust: Double

  /// Decompositions that H gave so far.
  public private(set) var given = 0
  /// Of H′ on the newest decompositions, before it learned from them.
  public private(set) var heldOutLoss: Double?
  /// Of H′ on what it learned from last.
  public private(set) var trainingLoss: Double?

  public init(budget: Int, perRound: Int, trust: Double) {
    self.budget = budget
    self.perRound = perRound
    self.trust = trust
  }

  /// Whether H′ may take H's place.
  ///
  /// With the budget used up nothing new is left to measure it on: then what it trained on has to do.
  public var isTrusted: Bool {
    (heldOutLoss ?? .infinity) <= trust || (given == budget && (trainingLoss ?? .infinity) <= trust / 2)
  }

  /// Decompositions to ask H for in this round.
  public var wanted: Int {
    if isTrusted { return 0 }
    let rate = (heldOutLoss ?? .infinity) < 0.1 ? max(1, perRound / 5) : perRound
    return min(rate, budget - given)
  }

  /// Whether H′ still has something to learn from what was given.
  public var isLearning: Bool {
    given > 0 && !(isTrusted && (trainingLoss ?? .infinity) < trust / 4)
  }

  /// H gave decompositions, on which H′ had this loss.
  public mutating func observed(_ count: Int, loss: Double) {
    guard count > 0 else { return }
    given += count
    heldOutLoss = loss
  }

  /// H′ trained, with this mean loss.
  public mutating func trained(loss: Double) {
    trainingLoss = loss
  }
}
