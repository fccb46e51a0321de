/// Raises the difficulty when the teacher has caught up with what amplification tells it.
///
/// The paper's rule: one step harder whenever the teacher agrees with the amplified answer on more than 85 % of the
/// questions, by a moving average over at least 50 batches.
public struct Curriculum: Hashable, Sendable, Codable {
  /// When the teacher has caught up.
  public struct Rule: Hashable, Sendable {
    /// Of the moving average of its agreement, above which it has.
    public var threshold: Double
    /// Batches at one difficulty, after which it can have.
    public var fewestBatches: Int

    public static let paper = Rule(threshold: 0.85, fewestBatches: 50)

    public init(threshold: Double, fewestBatches: Int) {
      self.threshold = threshold
      self.fewestBatches = fewestBatches
    }

    /// Of the average, at the next batch: it looks back over about a fifth of the fewest batches.
    var decay: Double { 1 - min(1, 5 / Double(fewestBatches)) }
  }

  /// Elements in a context now.
  public private(set) var elements: Int
  /// Elements in a context at the end.
  public let goal: Int
  /// Moving average of the teacher's agreement with amplified answers, 0…1.
  public private(set) var agreement = 0.0
  private var batches = 0

  public init(from start: Int, to goal: Int) {
    self.elements = min(start, goal)
    self.goal = goal
  }

  /// How large contexts are, as a share of their full size, 0…1.
  public var difficulty: Double { Double(elements) / Double(max(1, goal)) }

  /// Whether contexts have their full size.
  public var isComplete: Bool { elements == goal }

  /// Takes note of one batch.
  ///
  /// - Parameter share: of the questions on which teacher and amplification agree, 0…1.
  public mutating func observe(agreement share: Double, by rule: Rule = .paper) {
    agreement = rule.decay * agreement + (1 - rule.decay) * share
    batches += 1
    guard agreement > rule.threshold, batches > rule.fewestBatches, elements < goal else { return }
    elements += 1
    agreement = 0
    batches = 0
  }
}
