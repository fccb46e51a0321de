import Amplification

/// By which rules an amplified answer becomes a lesson. They know nothing of the truth.
public struct Acceptance: Hashable, Sendable {
  /// Most doubt of an answer that does; nil: any.
  public var doubt: Doubt?
  /// Share of a batch that does, those with the least doubt, 0…1.
  public var surest: Double

  public init(doubt: Doubt? = nil, surest: Double = 1) {
    self.doubt = doubt
    self.surest = surest
  }

  /// Why an answer is no lesson.
  public enum Refusal: String, Hashable, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    /// It is `?`.
    case unknown
    /// There is too much doubt.
    case doubt
    /// Others of the batch are surer.
    case surest
  }

  /// For each answer of a batch why it is no lesson; nil: it is one. Of equally sure ones the first come first.
  public func refusals(of answers: [Answer], doubts: [Doubt]) -> [Refusal?] {
    let known = answers.indices.filter { !answers[$0].isUnknown }
    var refusals = [Refusal?](repeating: .surest, count: answers.count)
    for place in answers.indices where answers[place].isUnknown { refusals[place] = .unknown }
    let count = Int((surest * Double(known.count)).rounded(.up))
    for place in known.sorted(by: { (doubts[$0], $0) < (doubts[$1], $1) }).prefix(count) {
      refusals[place] = doubt.map { doubts[place] > $0 } ?? false ? .doubt : nil
    }
    return refusals
  }
}
