import Amplification
import Randomness

/// Questions, and the contexts that they are about.
public struct QuestionBatch: Sendable {
  public var contexts: [Context] = []
  /// Context by context, `questions` of each.
  public var asked: [Asked] = []
}

extension TaskDefinition {
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
