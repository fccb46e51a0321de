/// Asks for all numbers of the models after a round, for a checkpoint.
public struct TakeSnapshot: WorkUnit, Hashable {
  public static let name = "snapshot"

  public var round: Int

  public init(after round: Int) { self.round = round }

  public func objection(to result: ModelSnapshot, by rules: ResultRules) -> String? {
    guard result.isWhole(after: round) else { return "models that are not whole" }
    return rules.weights == nil || result.weightsHash == rules.weights
      ? nil : "other models than all had agreed on"
  }

  /// All replicas are compared by their hashes after each round.
  public func isSame(_ one: ModelSnapshot, _ other: ModelSnapshot) -> Bool { true }
}
