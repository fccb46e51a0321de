/// How far two people agree beyond chance, counted case by case.
///
/// κ = (p − e) / (1 − e), with p the share of cases in which they chose the same and e the share in which they would by
/// chance, were each to choose as often as they did but at random (Cohen, *A coefficient of agreement for nominal scales*,
/// 1960).
struct Agreement: Hashable, Sendable {
  /// How often the first, and the second, chose what.
  private var first: [String: Int] = [:]
  private var second: [String: Int] = [:]
  private var same = 0
  /// Cases in all.
  private(set) var cases = 0

  /// Counts a case. - Parameter times: −1 takes one back.
  mutating func count(_ pair: (String, String), times: Int = 1) {
    first[pair.0, default: 0] += times
    second[pair.1, default: 0] += times
    if pair.0 == pair.1 { same += times }
    cases += times
  }

  /// At most 1; 0 where they agree as by chance; nil without cases, and where each always chose the same one.
  var kappa: Double? {
    guard cases > 0 else { return nil }
    let all = Double(cases)
    let agreed = Double(same) / all
    // In a fixed order: the sum is the same every time.
    let chance = first.keys.sorted().reduce(0) {
      $0 + (Double(first[$1] ?? 0) / all) * (Double(second[$1] ?? 0) / all)
    }
    return chance < 1 ? (agreed - chance) / (1 - chance) : nil
  }
}

/// ``Agreement/kappa`` of some cases.
public func kappa(_ pairs: [(String, String)]) -> Double? {
  var agreement = Agreement()
  for pair in pairs { agreement.count(pair) }
  return agreement.kappa
}
