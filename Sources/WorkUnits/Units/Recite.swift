import Amplification
import Distillation

/// Has the teacher answer what people taught. - Returns: how many it says as it was taught them.
public struct Recite: WorkUnit, Hashable {
  public static let name = "recite"

  /// The models are those after this round.
  public var round: Int
  public var taught: Examples

  public init(round: Int, taught: Examples) {
    self.round = round
    self.taught = taught
  }

  public func objection(to result: Int, by rules: ResultRules) -> String? {
    (0...taught.questions.count).contains(result)
      ? nil : "\(result) of \(taught.questions.count) taught answers said as they were taught"
  }
}
