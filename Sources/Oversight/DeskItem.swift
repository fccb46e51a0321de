import Amplification
import Randomness

/// A question on the desk.
public struct DeskItem: Sendable {
  public let id: QuestionID
  public let context: Context
  /// Elements in the context.
  public let elements: Int
  public let asked: Asked
  /// Share of X's answers that are made up, while it is decomposed.
  public let doubt: Double
  /// The tree that is to be checked; nil: it is to be decomposed.
  public let tree: AmplificationTree?

  public init(
    _ id: QuestionID, about context: Context, elements: Int, asked: Asked, doubt: Double = 0,
    tree: AmplificationTree? = nil
  ) {
    self.id = id
    self.context = context
    self.elements = elements
    self.asked = asked
    self.doubt = doubt
    self.tree = tree
  }

  /// What a judgment of it is about.
  var subject: AmplificationTree {
    tree ?? AmplificationTree(asked.question, answer: Answer([]), by: .person(""))
  }

  /// Whether it is one of the share that two people get.
  func isForTwo(share: Double) -> Bool {
    var random = asked.key.generator(.review)
    return Double.random(in: 0..<1, using: &random) < share
  }
}

/// A step that a person took on the way to a judgment, as the journal keeps it.
struct DraftEntry: Codable {
  var line: String
  /// The sub-question with its answer.
  var asked: AmplificationTree?
  /// What was said of a node.
  var number: Int?
  var verdict: NodeVerdict?
}
