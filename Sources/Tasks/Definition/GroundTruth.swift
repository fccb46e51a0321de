import Amplification

/// What is true of contexts, by any algorithm: what answers are measured by, and nobody learns from.
public protocol GroundTruth {
  /// The right answer; `?` if there is none.
  func truth(of question: Question, in context: Context) -> Answer
  /// Whether the answer is (one of) the right one(s); by default, whether it is the truth.
  func isRight(_ answer: Answer, to question: Question, in context: Context) -> Bool
  /// The class by which accuracy is broken down, easier classes first when numbers in them are read as numbers.
  func questionClass(of question: Question, in context: Context) -> String
}

extension GroundTruth {
  public func isRight(_ answer: Answer, to question: Question, in context: Context) -> Bool {
    answer == truth(of: question, in: context)
  }
}
