/// How far two people agree beyond chance.
///
/// κ = (p − e) / (1 − e), with p the share of cases in which they chose the same and e the share in which they would by
/// chance, were each to choose as often as they did but at random (Cohen, *A coefficient of agreement for nominal scales*,
/// 1960).
///
/// - Returns: at most 1; 0 where they agree as by chance; nil without cases, and where each always chose the same one.
public func kappa(_ pairs: [(String, String)]) -> Double? {
  guard !pairs.isEmpty else { return nil }
  let all = Double(pairs.count)
  let agreed = Double(pairs.count { $0.0 == $0.1 }) / all
  let first = Dictionary(grouping: pairs, by: \.0).mapValues { Double($0.count) / all }
  let second = Dictionary(grouping: pairs, by: \.1).mapValues { Double($0.count) / all }
  // In a fixed order: the sum is the same every time.
  let chance = first.keys.sorted().reduce(0) { $0 + (first[$1] ?? 0) * (second[$1] ?? 0) }
  return chance < 1 ? (agreed - chance) / (1 - chance) : nil
}
