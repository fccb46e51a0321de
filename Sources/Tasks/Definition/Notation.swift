import Amplification

/// How a task is written for people, and read; and the words by which it is explained to them.
public protocol Notation {
  /// For people who have never seen the task: what its facts say, and how its questions are taken apart.
  var guide: String { get }
  /// What a question asks for, in words that need no others: “start at 4 and follow the arrows three times”.
  func meaning(of question: Question) -> String

  /// The forms in which people write questions, an example each, which is one of contexts of any size.
  var forms: [String] { get }
  /// What may be asked next like an example: the same with what the transcript names in the places of what the example
  /// names, what was heard last first. Not all of them need be questions.
  func questions(like form: Question, after transcript: Transcript) -> [Question]

  /// The notation of people, of a context fact by fact.
  func write(_ context: Context) -> [String]
  func write(_ question: Question) -> String
  func write(_ answer: Answer) -> String
  /// And back. Reading throws ``NotationError``.
  func readQuestion(_ text: String) throws -> Question
  /// The answer that people wrote to a question.
  ///
  /// - Throws: ``NotationError`` if nothing that can be an answer is written so.
  func readAnswer(_ text: String, to question: Question) throws -> Answer
  /// The context that people wrote down, if its facts belong together.
  ///
  /// - Throws: ``NotationError`` otherwise.
  func readContext(_ text: String) throws -> Context
}

extension Notation {
  public func questions(like form: Question, after transcript: Transcript) -> [Question] { [form] }
}

/// A text that is no fact or question of the task: what was read, and what is allowed.
public struct NotationError: Error, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

extension StringProtocol {
  /// Without white space at either end.
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
