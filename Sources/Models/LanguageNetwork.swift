import Amplification
import Distillation
import Language
import ModelFiles
import Tasks
import Torch

/// A language model as X of a task of texts: its weights are frozen, and an adapter beside them learns; or they learn themselves.
public final class LanguageNetwork: Network {
  private let files: ModelFiles
  /// Of the weights while they are frozen; all that learns is of 32-bit floats.
  private let type: NumberType
  private let device: Device
  let tokens: LanguageTokens
  let task: any TextTask
  /// What learns; nil: the weights do.
  private let adapter: LowRankAdapter?
  public let layout: ParameterLayout
  /// Loaded when something is first computed: who only asks how large the model is needs none.
  private var loaded: DecoderWeights?

  /// - Parameters:
  ///   - adapter: what learns; nil: all weights do.
  ///   - type: of frozen weights.
  /// - Throws: ``ModelFiles/ModelFileError`` if the files have no tokenizer that is known.
  public init(
    _ files: ModelFiles, adapter: LowRankAdapter.Configuration?, _ type: NumberType, _ task: any TextTask,
    device: Device
  ) throws {
    (self.files, self.type, self.task, self.device) = (files, type, task, device)
    tokens = try LanguageTokens(files)
    self.adapter = adapter.map { LowRankAdapter($0, for: files.configuration) }
    layout = self.adapter?.layout ?? files.configuration.layout
  }

  public var frozenBytes: Int { adapter == nil ? 0 : files.parameters * type.size }

  public func startingValues(of name: ModelName, seed: UInt64) throws -> [Float] {
    guard adapter == nil else { return layout.startingValues(of: name, seed: seed) }
    let tensors = Dictionary(uniqueKeysWithValues: files.tensors.map { ($0.name, $0) })
    return try layout.entries.flatMap { entry in
      guard let tensor = tensors[entry.name], tensor.shape == entry.shape else {
        throw TorchError(
          operation: "weights", reason: "\(files.path) has no tensor \(entry.name) of the shape \(entry.shape)")
      }
      return tensor.values()
    }
  }

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
    try decoder(p).gradient(of: exchanges(in: data.examples).compactMap(\.self), total: total, p)
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

  /// The model, computed with these values of what learns.
  func decoder(_ p: Parameters) throws -> Decoder {
    guard let adapter else {
      return Decoder(try DecoderWeights(files.configuration, training: p, positions: Self.window))
    }
    return Decoder(try weights, adapter)
  }

  /// Values of what learns that only answer.
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
