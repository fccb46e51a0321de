/// When H is asked for decompositions, and when H′ learns from them and is trusted.
///
/// Fresh decompositions are first used to measure H′, which has not seen them, and then to train it. Until its loss on
/// them is below `trust`, or half the budget is given, H is asked `perRound` of them every round. From then on H′ stands in
/// for H; H is asked, for at most half as many, and H′ trained, in proportion to the loss that is left: as X learns, H′
/// hears answers that it has not heard before, and its loss tells. One that seems to know is still asked about a little,
/// lest it err unseen.
public struct Imitation: Hashable, Sendable, Codable {
  /// Decompositions that H gives at most, in all.
  public let budget: Int
  /// Decompositions a round while H′ knows little; half of them at most once it stands in for H.
  public let perRound: Int
  /// Mean −log p of a whole decomposition, below which H′ stands in for H.
  public let trust: Double
  /// Whether H′ stands in for H.
  public private(set) var isTrusted = false

  /// Decompositions that H gave so far.
  public private(set) var given = 0
  /// Of H′ on the newest decompositions, before it learned from them: the mean over 50 or a few more.
  public var heldOutLoss: Double? {
    newest.isEmpty ? nil : newest.reduce(0) { $0 + Double($1.count) * $1.loss } / Double(measured)
  }
  /// Of H′ on what it learned from last, as a moving average over some rounds.
  public private(set) var trainingLoss: Double?
  /// By round, the newest last.
  private var newest: [Measurement] = []
  private var measured: Int { newest.reduce(0) { $0 + $1.count } }
  /// Decompositions that are due, and not yet enough to ask for.
  private var credit = 0.0

  private struct Measurement: Hashable, Sendable, Codable {
    let count: Int
    let loss: Double
  }

  /// Decompositions by which H′ is measured.
  private static let sample = 50
  /// Share of the pace once H′ is trusted, half of that before, that H is asked at however little H′ errs: it may begin to.
  private static let least = 0.1
  /// Share of the budget that is kept for the hardest questions.
  private static let kept = 0.2
  /// Decompositions to ask for at once.
  private static let handful = 5.0

  public init(budget: Int, perRound: Int, trust: Double) {
    self.budget = budget
    self.perRound = perRound
    self.trust = trust
  }

  /// Decompositions to ask H for in this round.
  ///
  /// - Parameters:
  ///   - owed: those that were asked for and are not there yet.
  ///   - difficulty: of the questions now, as a share of what it will be, 0…1. A fifth of the budget is given as they
  ///     become harder: what was decided about easy ones does not teach all that there is to decide about hard ones.
  public func wanted(owed: Int = 0, difficulty: Double = 1) -> Int {
    let left = Int((Double(budget) * (1 - Self.kept * (1 - difficulty))).rounded()) - given - owed
    return max(0, min(isTrusted ? credit >= Self.handful ? Int(credit) : 0 : perRound, left))
  }

  /// H was asked for as many as are wanted.
  public mutating func asked() { credit = 0 }

  /// Share of a round's training that H′ still needs, 0…1: all of it until H′ is trusted, less the less it errs.
  public var effort: Double {
    guard given > 0 else { return 0 }
    guard isTrusted, let heldOutLoss, let trainingLoss else { return 1 }
    return share(of: max(heldOutLoss, trainingLoss))
  }

  /// How much of what makes H′ trusted a loss is, 0…1.
  private func share(of loss: Double) -> Double { min(1, loss / max(trust, .leastNormalMagnitude)) }

  /// A round is over, in which H gave so many decompositions, on which H′ had this mean loss before it learned from them.
  public mutating func observed(_ count: Int, loss: Double) {
    if count > 0 {
      given += count
      credit = 0
      newest.append(Measurement(count: count, loss: loss))
      while measured - newest[0].count >= Self.sample { newest.removeFirst() }
    }
    let loss = heldOutLoss ?? .infinity
    if isTrusted { credit += Double(perRound) / 2 * max(Self.least, share(of: loss)) }
    isTrusted = isTrusted || (measured >= Self.sample && loss <= trust) || 2 * given >= budget
  }

  /// H′ trained, with this mean loss.
  public mutating func trained(loss: Double) {
    trainingLoss = trainingLoss.map { $0 + 0.3 * (loss - $0) } ?? loss
  }

  /// The questions became harder: H is asked at the next opportunity.
  public mutating func questionsChanged() {
    credit = max(credit, Self.handful)
  }
}
