import Amplification

/// Asks the teacher after a round a single question, for a person.
public struct Respond: WorkUnit, Hashable {
  public static let name = "answer"

  public var round: Int
  public var context: Context
  public var question: Question

  public init(round: Int, context: Context, question: Question) {
    self.round = round
    self.context = context
    self.question = question
  }

  public func objection(to result: Reply, by rules: ResultRules) -> String? { rules.task.objection(to: result.answer) }
}
