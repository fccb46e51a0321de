import Amplification
import Distillation
import Language
import ModelFiles
import Tasks
import Torch

/// A language model as X of a task of texts: its weights are frozen, and an adapter beside them learns.
public final class LanguageNetwork: Network {
  private let files: ModelFiles
  private let type: NumberType
  private let device: Device
  let tokens: LanguageTokens
  let task: any TextTask
  private let adapter: LowRankAdapter
  /// Loaded when something is first computed: who only asks how large the model is needs none.
  private var loaded: DecoderWeights?

  /// - Parameter type: of the frozen weights; the adapter is of 32-bit floats in any case.
  /// - Throws: ``ModelFiles/ModelFileError`` if the files have no tokenizer that is known.
  public init(
    _ files: ModelFiles, adapter: LowRankAdapter.Configuration, _ type: NumberType, _ task: any TextTask, device: Device
  ) throws {
    (self.files, self.type, self.task, self.device) = (files, type, task, device)
    tokens = try LanguageTokens(files)
    self.adapter = LowRankAdapter(adapter, for: files.configuration)
  }

  public var layout: ParameterLayout { adapter.layout }

  public var frozenBytes: Int { files.parameters * type.size }

  private var weights: DecoderWeights {
    get throws {
      if let loaded { return loaded }
      let weights = try DecoderWeights(files, type, positions: Self.window, device: device)
      loaded = weights
      return weights
    }
  }

  /// Tokens of a question with its answer at most.
  private static let window = 1024

  /// Questions whose answer is `?` teach nothing and are left out.
  ///
  /// - Parameter total: characters of all answers of the batch, with an end of each: see ``Distillation/TrainingData/terms``.
  public func gradient(
    of data: TrainingData, total: Int, _ p: Parameters
  ) throws -> (loss: Float, gradient: Gradient) {
    try decoder.gradient(of: exchanges(in: data.examples).compactMap(\.self), total: total, p)
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

  /// The model with its adapter, whose values come with each call.
  var decoder: Decoder { get throws { Decoder(try weights, adapter) } }

  /// An adapter that only answers.
  func frozen(_ values: [Float]) throws -> Parameters {
    try Parameters(layout, start: values, areTrained: false, device: device)
  }

  public func activations(of size: MicrobatchSize) -> Int {
    let (configuration, lessons) = (files.configuration, size.contexts * size.questions)
    let perToken = configuration.layers * (12 * configuration.width + 4 * configuration.feedForward)
    return lessons * (Self.usualTokens * perToken + Self.usualAnswer * 3 * configuration.vocabulary)
  }

  /// Of a question with its answer, and of the answer, near enough to see what can't work.
  private static let (usualTokens, usualAnswer) = (24, 6)
}
