import Amplification
import Distillation
import Language
import Tasks
import Torch

/// A language model as X of a task of texts.
public struct LanguageNetwork: TunedNetwork {
  public let tuning: LanguageTuning
  let task: any TextTask

  public init(_ tuning: LanguageTuning, _ task: any TextTask) {
    (self.tuning, self.task) = (tuning, task)
  }

  var tokens: LanguageTokens { tuning.base.tokens }

  /// Questions whose answer is `?` teach nothing and are left out.
  ///
  /// - Parameter total: characters of all answers of the batch, with an end of each: see ``Distillation/TrainingData/terms``.
  public func gradient(
    of data: TrainingData, total: Int, _ p: Parameters
  ) throws -> (loss: Float, gradient: Gradient) {
    try tuning.decoder(p).gradient(of: exchanges(in: data.examples).compactMap(\.self), total: total, p)
  }

  /// What was asked and answered, row behind row; nil where the answer is `?`.
  func exchanges(in examples: Examples) -> [Exchange?] {
    examples.rows.flatMap { row in
      zip(row.questions, row.answers).map { $1.isUnknown ? nil : exchange($0, $1) }
    }
  }

  func exchange(_ question: Question, _ answer: Answer) -> Exchange {
    Exchange(prompt: tokens.prompt(question), answer: tokens.tokens(of: answer))
  }

  public func activations(of size: MicrobatchSize) -> Int {
    let lessons = size.contexts * size.questions
    return tuning.activations(tokens: lessons * Self.usualTokens, said: lessons * Self.usualAnswer)
  }

  /// Of a question with its answer, and of the answer, near enough to see what can't work.
  private static let (usualTokens, usualAnswer) = (24, 6)
}
