import Amplification
import ClusterFile
import Distillation
import Oversight
import Tasks

extension Replica {
  /// The places of the answers that people are to check before X learns from them, in order.
  package func heldBack(
    _ trees: [AmplificationTree], _ batch: QuestionBatch, _ examples: Examples, share: Double,
    by choice: ClusterFile.Oversight.Choice, _ models: FrozenModels
  ) async throws -> [Int] {
    let review = ReviewChoice(of: trees, keys: batch.asked.map(\.key), share: share)
    guard review.count > 0 else { return [] }
    switch choice {
    case .random: return review.places(by: review.draws)
    case .depth: return review.places(by: zip(trees, review.draws).map { Double($0.subQuestions) + $1 })
    case .disagreement:
      let direct = try await models.student.reply(to: batch.asked, in: batch.contexts)
      return review.places(
        by: zip(zip(trees, direct), review.draws).map { pair, draw in
          (pair.0.answer == pair.1.answer ? 0 : 1) + draw
        })
    case .uncertainty: return review.places(by: try uncertainty(of: trees, examples, models))
    }
  }

  /// −log p of each tree: of what its overseers decided by H′, if there is one, and of its answer by the teacher.
  private func uncertainty(
    of trees: [AmplificationTree], _ examples: Examples, _ models: FrozenModels
  ) throws -> [Double] {
    var total = try models.negativeLogLikelihood(of: examples).map(Double.init)
    guard configuration.overseer.kind != .scripted else { return total }
    let decided = trees.enumerated().flatMap { row, tree in tree.transcripts.map { (row, $0) } }
    for ((row, _), value) in zip(decided, try models.negativeLogLikelihood(of: decided.map(\.1))) {
      total[row] += Double(value)
    }
    return total
  }
}
