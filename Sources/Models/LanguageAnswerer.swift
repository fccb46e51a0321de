import Amplification
import Distillation
import Foundation
import Language
import Tasks
import Torch

/// A language model as an answerer: says what it finds likeliest, token by token, up to the end of the line.
///
/// An answer that does not end, or is none that the question can have, is `?`.
public final class LanguageAnswerer: ScoringAnswerer {
  /// Questions that are read and answered together. Which ones these are follows from all that are asked in one call alone, so
  /// that the bits do, too.
  private static let mostTogether = 64
  /// Tokens of an answer.
  private static let longestAnswer = 24

  private let network: LanguageNetwork
  private let learned: Parameters
  public let author: Author

  /// - Parameters:
  ///   - values: of what learns: an adapter stays beside the weights, which all of a worker's models share.
  ///   - role: `student` or `teacher`.
  ///   - step: training steps that the values have seen.
  public init(_ network: LanguageNetwork, _ values: [Float], role: String, step: Int) throws {
    (self.network, learned) = (network, try network.tuning.frozen(values))
    author = .answerer(role: role, step: step)
  }

  public func reply(to asked: [Asked], in contexts: [Context]) throws -> [Reply] {
    let (decoder, prompts) = (try network.tuning.decoder(learned), asked.map { network.tokens.prompt($0.question) })
    var replies = [Reply](repeating: Reply(network.task.unknown, by: author), count: asked.count)
    for unit in Self.units(of: prompts.map(\.count)) {
      try Task.checkCancellation()
      let generations = try decoder.generate(
        unit.map { prompts[$0] }, most: Self.longestAnswer, stops: network.tokens.stops, learned)
      for (row, said) in zip(unit, generations) {
        replies[row].doubt = Doubt(-Double(said.logProbability))
        guard said.end == .stopped else { continue }
        let text = network.tokens.text(of: said.tokens).trimmingCharacters(in: .whitespaces)
        replies[row].answer = network.task.answer(written: text, to: asked[row].question)
      }
    }
    return replies
  }

  /// Questions that are answered together: all of one length, so that nothing is filled up.
  static func units(of lengths: [Int]) -> [[Int]] {
    Dictionary(grouping: lengths.indices) { lengths[$0] }.sorted { $0.key < $1.key }.flatMap { _, places in
      stride(from: 0, to: places.count, by: mostTogether).map {
        Array(places[$0..<min($0 + mostTogether, places.count)])
      }
    }
  }

  public func logProbabilities(of answer: Answer, to question: Question, in context: Context) throws -> [Float] {
    try network.tuning.decoder(learned).logProbabilities(of: [network.exchange(question, answer)], learned).first ?? []
  }

  public func negativeLogLikelihood(of examples: Examples) throws -> [Float] {
    let exchanges = network.exchanges(in: examples)
    var known = try network.tuning.decoder(learned).logProbabilities(of: exchanges.compactMap(\.self), learned)[...]
    return exchanges.map { $0 == nil ? 0 : -(known.popFirst() ?? []).reduce(0, +) }
  }
}
