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
  fileprivate var signs: [Int32] {
    let decided = [attempt.question.content] + attempt.steps.map(\.question.content)
    return Contents(decided + [attempt.answer?.content].compactMap(\.self)).numbers
  }

  /// Share of the signs that differ, 0…1.
  func distance(to other: Candidate) -> Double { share(of: signs, differingFrom: other.signs) }
}

/// Which questions to ask H: first the one of which H′ is least certain, then always the one that is both uncertain and
/// unlike those that are chosen already; equals would teach the same twice.
///
/// What a candidate is worth only falls as others are chosen. So only those are compared again whose worth, as last
/// looked at, is the highest; mostly those are few.
///
/// - Returns: the places of `count` candidates, in ascending order.
public func mostInstructive(_ count: Int, of candidates: [Candidate]) -> [Int] {
  guard count < candidates.count else { return Array(candidates.indices) }
  let signs = candidates.map(\.signs)
  var chosen: [Int] = []
  var line = WaitingLine(candidates.indices.map { .init(worth: candidates[$0].uncertainty, place: $0) })
  while chosen.count < count, var best = line.takeFirst() {
    guard best.compared < chosen.count else {
      chosen.append(best.place)
      continue
    }
    for other in chosen[best.compared...] {
      best.nearest = min(best.nearest, share(of: signs[best.place], differingFrom: signs[other]))
    }
    (best.compared, best.worth) = (chosen.count, candidates[best.place].uncertainty * best.nearest)
    line.insert(best)
  }
  return chosen.sorted()
}

private func share(of one: [Int32], differingFrom two: [Int32]) -> Double {
  let same = zip(one, two).count { $0 == $1 }
  return 1 - Double(same) / Double(max(one.count, two.count, 1))
}

/// Candidates, the one that was worth most when it was last looked at first: a binary heap.
private struct WaitingLine {
  struct Entry {
    var worth: Double
    let place: Int
    /// To the nearest of those that it was compared with, which are the first so many of the chosen.
    var nearest = 1.0
    var compared = 0

    func isBefore(_ other: Entry) -> Bool { (worth, -place) > (other.worth, -other.place) }
  }

  private var entries: [Entry] = []

  init(_ entries: [Entry]) {
    for entry in entries { insert(entry) }
  }

  mutating func insert(_ entry: Entry) {
    entries.append(entry)
    var place = entries.count - 1
    while place > 0, entries[place].isBefore(entries[(place - 1) / 2]) {
      entries.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func takeFirst() -> Entry? {
    guard let last = entries.popLast() else { return nil }
    guard let first = entries.first else { return last }
    entries[0] = last
    var place = 0
    while true {
      let below = [2 * place + 1, 2 * place + 2].filter { $0 < entries.count }
      guard let next = below.min(by: { entries[$0].isBefore(entries[$1]) }), entries[next].isBefore(entries[place])
      else { return first }
      entries.swapAt(place, next)
      place = next
    }
  }
}
