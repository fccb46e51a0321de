import Amplification
import Randomness

/// How contexts and questions about them are drawn.
public protocol Sampling: AnswerSampling {
  /// Most elements in a context (N of the paper), 4…64.
  var size: Int { get }

  /// A random context of `elements` elements, up to `size`.
  func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context
  /// A random question that is not primitive.
  func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question
}

/// Questions, and the contexts that they are about.
public struct QuestionBatch: Sendable {
  public var contexts: [Context] = []
  /// Context by context, `questions` of each.
  public var asked: [Asked] = []
}

extension Sampling {
  /// Contexts of a round with questions about each: a pure function of the arguments.
  ///
  /// - Parameter indices: which of the round's contexts; the others are not needed to make these.
  public func sample(
    _ purpose: Purpose, seed: UInt64, round: Int, _ indices: some Sequence<Int>, elements: Int, questions: Int
  ) -> QuestionBatch {
    var batch = QuestionBatch()
    for (row, index) in indices.enumerated() {
      var random = CounterGenerator(seed: seed, purpose: purpose, round: round, index: index)
      let context = sampleContext(elements: elements, using: &random)
      batch.contexts.append(context)
      let key = RandomKey(seed: seed, purpose: purpose, round: round, index: index)
      for place in 0..<questions {
        batch.asked.append(Asked(sampleQuestion(about: context, using: &random), about: row, key: key.child(place)))
      }
    }
    return batch
  }
}
