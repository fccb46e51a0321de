import Amplification

/// Measures H′ by decompositions that people gave: mean −log p of a whole one, before it learns from them.
public struct Measure: WorkUnit, Hashable {
  public static let name = "measure"

  /// The models are those before this round.
  public var round: Int
  public var transcripts: [Transcript]

  public init(round: Int, transcripts: [Transcript]) {
    self.round = round
    self.transcripts = transcripts
  }

  public func objection(to result: Double, by rules: ResultRules) -> String? { rules.objection(toLoss: result) }
}
