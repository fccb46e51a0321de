import Amplification
import Randomness

/// How contexts and questions about them are drawn.
public protocol Sampling: AnswerSampling {
  /// Most elements in a context (N of the paper).
  var size: Int { get }

  /// A random context of `elements` elements, up to `size`.
  func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context
  /// A random question that is not primitive.
  func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question
  /// One for a run. By default, any about the context: what is held out then are other contexts.
  ///
  /// - Parameters:
  ///   - elements: that the context was drawn with.
  ///   - isHeldOut: whether it is one by which the models are measured, and which they never learn.
  func sampleQuestion(
    about context: Context, elements: Int, isHeldOut: Bool, using random: inout CounterGenerator
  ) -> Question
}

/// Questions, and the contexts that they are about.
public struct QuestionBatch: Sendable {
  public var contexts: [Context] = []
  /// Context by context, `questions` of each.
  public var asked: [Asked] = []
}

extension Sampling {
  public func sampleQuestion(
    about context: Context, elements: Int, isHeldOut: Bool, using random: inout CounterGenerator
  ) -> Question { sampleQuestion(about: context, using: &random) }

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
        let question = sampleQuestion(
          about: context, elements: elements, isHeldOut: purpose == .heldOut, using: &random)
        batch.asked.append(Asked(question, about: row, key: key.child(place)))
      }
    }
    return batch
  }
}
