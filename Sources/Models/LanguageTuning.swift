import Distillation
import Language
import ModelFiles
import Torch

/// A network that is a language model, of which not everything need learn.
public protocol TunedNetwork: Network {
  /// What of it learns.
  var tuning: LanguageTuning { get }
}

extension TunedNetwork {
  public var layout: ParameterLayout { tuning.layout }

  public func startingValues(of name: ModelName, seed: UInt64) throws -> [Float] {
    try tuning.startingValues(of: name, seed: seed)
  }
}

/// What of a language model learns: an adapter beside its weights, which are frozen then, or the weights themselves.
public struct LanguageTuning {
  let base: LanguageBase
  /// nil: the weights learn.
  private let adapter: LowRankAdapter?
  let layout: ParameterLayout

  /// - Parameter adapter: nil: all weights learn.
  public init(_ base: LanguageBase, adapter: LowRankAdapter.Configuration?) {
    self.base = base
    self.adapter = adapter.map { LowRankAdapter($0, for: base.files.configuration) }
    layout = self.adapter?.layout ?? base.files.configuration.layout
  }

  /// Bytes of the weights that do not learn.
  public var frozenBytes: Int { adapter == nil ? 0 : base.files.parameters * base.type.size }

  /// An adapter's are drawn, weights are the file's.
  func startingValues(of name: ModelName, seed: UInt64) throws -> [Float] {
    guard adapter == nil else { return layout.startingValues(of: name, seed: seed) }
    let tensors = Dictionary(uniqueKeysWithValues: base.files.tensors.map { ($0.name, $0) })
    return try layout.entries.flatMap { entry in
      guard let tensor = tensors[entry.name], tensor.shape == entry.shape else {
        throw TorchError(
          operation: "weights", reason: "\(base.files.path) has no tensor \(entry.name) of the shape \(entry.shape)")
      }
      return tensor.values()
    }
  }

  /// The model, computed with these values of what learns.
  func decoder(_ p: Parameters) throws -> Decoder {
    guard let adapter else {
      return Decoder(try DecoderWeights(base.files.configuration, training: p, positions: LanguageBase.window))
    }
    return Decoder(try base.weights, adapter)
  }

  /// Values of what learns that only answer.
  func frozen(_ values: [Float]) throws -> Parameters {
    try Parameters(layout, start: values, areTrained: false, device: base.device)
  }

  /// Numbers that so many tokens leave in memory while they are learned from, of which so many are said.
  func activations(tokens: Int, said: Int) -> Int {
    let configuration = base.files.configuration
    let perToken = configuration.layers * (12 * configuration.width + 4 * configuration.feedForward)
    return tokens * perToken + said * 3 * configuration.vocabulary
  }
}
