/// What became of amplified answers: how many were lessons, why others were none, and how well doubt told what is right.
public struct Lessons: Hashable, Sendable, Codable {
  /// Answers that became lessons.
  public var accepted = 0
  /// Answers that did not, by reason.
  public var refused: [String: Int] = [:]
  /// Whether answers are right, by how sure the models were of them.
  public var reliability = Reliability()
  /// Accepted ones whose truth is known, and those of them that are right.
  public var judged = 0
  public var right = 0

  public init() {}

  /// Share of all answers, 0…1; nil: there were none.
  public var acceptedShare: Double? {
    // Not in whole numbers: a file may say any.
    let all = refused.values.reduce(Double(accepted)) { $0 + Double($1) }
    return all > 0 ? Double(accepted) / all : nil
  }
  /// Share of the accepted that is right, 0…1; nil: nobody knows.
  public var accuracy: Double? { judged > 0 ? Double(right) / Double(judged) : nil }

  public static func += (sum: inout Lessons, other: Lessons) {
    sum.accepted += other.accepted
    sum.refused.merge(other.refused, uniquingKeysWith: +)
    sum.reliability += other.reliability
    sum.judged += other.judged
    sum.right += other.right
  }
}

/// A reliability diagram: of answers that were believed with some confidence, how many are right.
public struct Reliability: Hashable, Sendable, Codable {
  /// Answers of one range of confidence.
  public struct Bin: Hashable, Sendable, Codable {
    public var count = 0
    /// Sum of their confidences.
    public var confidence = 0.0
    public var right = 0

    public init() {}
  }

  /// Equal ranges of confidence from 0 to 1.
  public static let bins = 10
  public private(set) var bins = [Bin](repeating: Bin(), count: bins)

  public init() {}

  /// - Parameter confidence: 0…1.
  public mutating func add(confidence: Double, isRight: Bool) {
    let place = min(Self.bins - 1, max(0, Int(confidence * Double(Self.bins))))
    bins[place].count += 1
    bins[place].confidence += confidence
    bins[place].right += isRight ? 1 : 0
  }

  /// Answers in all.
  public var count: Double { bins.reduce(0) { $0 + Double($1.count) } }
  /// Share of them that is right, 0…1; nil: there are none.
  public var accuracy: Double? { count > 0 ? bins.reduce(0) { $0 + Double($1.right) } / count : nil }
  /// Expected calibration error (Naeini et al. 2015): by how much confidence and the share that is right differ in the mean,
  /// 0…1; nil: there are no answers.
  public var calibrationError: Double? {
    guard count > 0 else { return nil }
    return bins.reduce(0) { $0 + abs($1.confidence - Double($1.right)) } / count
  }

  public static func += (sum: inout Reliability, other: Reliability) {
    for place in sum.bins.indices {
      sum.bins[place].count += other.bins[place].count
      sum.bins[place].confidence += other.bins[place].confidence
      sum.bins[place].right += other.bins[place].right
    }
  }
}

extension Reliability {
  private enum CodingKeys: CodingKey { case bins }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    bins = try container.decode([Bin].self, forKey: .bins)
    guard bins.count == Self.bins else {
      throw DecodingError.dataCorruptedError(
        forKey: .bins, in: container, debugDescription: "\(bins.count) ranges of confidence instead of \(Self.bins)")
    }
  }
}
