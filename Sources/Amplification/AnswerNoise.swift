import Randomness

/// Random answers of the kind that a question asks for, right or wrong: a vertex for a vertex.
public protocol AnswerSampling: Sendable {
  func sampleAnswer(to question: Question, in context: Context, using random: inout CounterGenerator) -> Answer
}

/// How many of X's answers are replaced by random ones, of the kind that the question asks for, while H decomposes for H′
/// to learn.
///
/// An early X answers nearly everything alike, so that H's decompositions would teach H′ nothing of what to do with the
/// answers of a later one, nor of the rare case in which X's answer is not the best at hand. Noise in the demonstrations
/// does (Laskey et al., *DART*, CoRL 2017).
public struct AnswerNoise: Hashable, Sendable {
  /// Share of decompositions in which half of the answers are made up, 0…1.
  public var share: Double
  /// Whether X has learned anything. What one says that has not is not even of the kind that was asked for: H′ learns
  /// nothing from it, and all answers are made up.
  public var hasLearned: Bool

  public init(share: Double, hasLearned: Bool) {
    self.share = share
    self.hasLearned = hasLearned
  }

  /// Share of the answers that are made up in the decomposition of this question.
  public func share(of question: Asked) -> Double {
    guard hasLearned else { return 1 }
    var random = question.key.generator(.doubts)
    return Double.random(in: 0..<1, using: &random) < share ? 0.5 : 0
  }
}

extension Answerer {
  /// The same, with a share of its answers made up. Who waits for answers of the one does so for those of the other.
  ///
  /// - Parameters:
  ///   - noise: makes answers up.
  ///   - share: of the answers that are made up, 0…1.
  public func with(_ noise: any AnswerSampling, share: Double) -> any Answerer {
    NoisyAnswerer(answerer: self, noise: noise, share: share)
  }
}

/// X, with a share of its answers made up.
private struct NoisyAnswerer<Base: Answerer>: Answerer {
  let answerer: Base
  let noise: any AnswerSampling
  let share: Double

  var author: Author { answerer.author }

  func reply(to asked: [Asked], in contexts: [Context]) async throws -> [Reply] {
    zip(asked, try await answerer.reply(to: asked, in: contexts)).map { asked, reply in
      madeUp(asked, in: contexts[asked.context]) ?? reply
    }
  }

  private func madeUp(_ asked: Asked, in context: Context) -> Reply? {
    asked.isMadeUp(share: share) ? Reply(noise.madeUpAnswer(to: asked, in: context), by: .madeUp) : nil
  }
}

extension NoisyAnswerer: Sendable where Base: Sendable {}

extension NoisyAnswerer: WaitingAnswerer where Base: WaitingAnswerer {
  func reply(to asked: Asked, in context: Context) async throws -> Reply {
    if let madeUp = madeUp(asked, in: context) { return madeUp }
    return try await answerer.reply(to: asked, in: context)
  }
}

extension Asked {
  /// Whether the answer to this sub-question is one of those that are made up.
  public func isMadeUp(share: Double) -> Bool {
    var random = key.generator(.doubts)
    return Double.random(in: 0..<1, using: &random) < share
  }
}

extension AnswerSampling {
  /// A random answer of the kind that the sub-question asks for.
  public func madeUpAnswer(to asked: Asked, in context: Context) -> Answer {
    var random = asked.key.generator(.doubts)
    // The first draw decided that it is made up.
    _ = Double.random(in: 0..<1, using: &random)
    return sampleAnswer(to: asked.question, in: context, using: &random)
  }
}
