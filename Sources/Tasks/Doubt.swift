import Amplification
import Randomness

/// How many of X's answers are replaced by random ones, of the kind that the question asks for, while H decomposes for H′
/// to learn: a vertex for a vertex.
///
/// An early X answers nearly everything alike, so that H's decompositions would teach H′ nothing of what to do with the
/// answers of a later one, nor of the rare case in which X's answer is not the best at hand. Noise in the demonstrations
/// does (Laskey et al., *DART*, CoRL 2017).
public struct Doubt: Hashable, Sendable {
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
  public func made(up question: Asked) -> Double {
    guard hasLearned else { return 1 }
    var random = question.key.generator(.doubts)
    return Double.random(in: 0..<1, using: &random) < share ? 0.5 : 0
  }
}

/// X, with a share of its answers made up.
public struct DoubtedAnswerer: Answerer {
  private let answerer: any Answerer
  private let task: any TaskDefinition
  private let share: Double
  public var author: Author { answerer.author }

  /// - Parameter share: of the answers that are made up, 0…1.
  public init(_ answerer: any Answerer, _ task: any TaskDefinition, share: Double) {
    self.answerer = answerer
    self.task = task
    self.share = share
  }

  public func author(of asked: Asked) -> Author { asked.isMadeUp(share: share) ? .madeUp : answerer.author(of: asked) }

  public func answer(_ asked: [Asked], in contexts: [Context]) throws -> [Answer] {
    zip(asked, try answerer.answer(asked, in: contexts)).map { asked, answer in
      asked.isMadeUp(share: share) ? task.madeUpAnswer(to: asked, in: contexts[asked.context]) : answer
    }
  }
}

extension Asked {
  /// Whether the answer to this sub-question is one of those that are made up.
  public func isMadeUp(share: Double) -> Bool {
    var random = key.generator(.doubts)
    return Double.random(in: 0..<1, using: &random) < share
  }
}

extension TaskDefinition {
  /// A random answer of the kind that the sub-question asks for.
  public func madeUpAnswer(to asked: Asked, in context: Context) -> Answer {
    var random = asked.key.generator(.doubts)
    // The first draw decided that it is made up.
    _ = Double.random(in: 0..<1, using: &random)
    return sampleAnswer(to: asked.question, in: context, using: &random)
  }
}
