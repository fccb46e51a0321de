import Amplification

/// A question that H could be asked, and how H′ would take it apart.
public struct Candidate: Sendable {
  public let attempt: Transcript
  /// −log p of H′'s own decisions.
  public let uncertainty: Double

  public init(attempt: Transcript, uncertainty: Double) {
    self.attempt = attempt
    self.uncertainty = uncertainty
  }

  /// What was asked and decided.
  private var signs: [Token] {
    attempt.question.tokens + attempt.steps.flatMap(\.question.tokens) + (attempt.answer?.tokens ?? [])
  }

  /// Share of the signs that differ, 0…1.
  func distance(to other: Candidate) -> Double {
    let (one, two) = (signs, other.signs)
    let same = zip(one, two).count { $0 == $1 }
    return 1 - Double(same) / Double(max(one.count, two.count, 1))
  }
}

/// Which questions to ask H: first the one of which H′ is least certain, then always the one that is both uncertain and
/// unlike those that are chosen already; equals would teach the same twice.
///
/// - Returns: the places of `count` candidates, in ascending order.
public func mostInstructive(_ count: Int, of candidates: [Candidate]) -> [Int] {
  var nearest = [Double](repeating: 1, count: candidates.count)
  var chosen: Set<Int> = []
  while chosen.count < min(count, candidates.count) {
    let left = candidates.indices.filter { !chosen.contains($0) }
    func worth(_ place: Int) -> (Double, Int) { (candidates[place].uncertainty * nearest[place], -place) }
    guard let best = left.max(by: { worth($0) < worth($1) }) else { break }
    chosen.insert(best)
    for place in left { nearest[place] = min(nearest[place], candidates[place].distance(to: candidates[best])) }
  }
  return chosen.sorted()
}
