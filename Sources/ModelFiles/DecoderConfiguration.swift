/// What a decoder-only transformer looks like, whichever file says so.
public struct DecoderConfiguration: Sendable, Equatable {
  public enum Family: String, Sendable, CaseIterable {
    /// Llama, TinyLlama, SmolLM2.
    case llama
    /// Qwen2 and Qwen2.5: as Llama, with biases on queries, keys and values.
    case qwen2
    /// Gemma 3: norms around attention and feed-forward layers and of queries and keys, layers that see a window only.
    case gemma3
  }

  public enum Activation: String, Sendable {
    case silu
    /// GELU by its approximation with tanh.
    case gelu
  }

  public var family: Family
  public var layers: Int
  /// Of the residual stream.
  public var width: Int
  public var heads: Int
  /// Query heads share them: heads / keyValueHeads neighbours each.
  public var keyValueHeads: Int
  public var headWidth: Int
  /// Width of the feed-forward layer.
  public var feedForward: Int
  public var vocabulary: Int
  /// The most tokens that the model was made for.
  public var context: Int
  /// ε of RMSNorm.
  public var normEpsilon: Double
  /// θ of the rotary embedding: pair i of position p turns by p / ropeFactor · θ^(−2i / headWidth).
  public var ropeTheta: Double
  /// By which positions are divided; 1 for most.
  public var ropeFactor: Double = 1
  /// Layer by layer: whether a token sees the last ``window`` tokens only, by θ = ``windowTheta`` and undivided positions.
  public var isWindowed: [Bool]
  /// Tokens, itself among them; 0: no layer has one.
  public var window = 0
  public var windowTheta = 10_000.0
  /// By which products of queries and keys are multiplied.
  public var attentionScale: Double
  /// By which embeddings are multiplied at the entrance.
  public var embeddingScale: Double = 1
  public var activation: Activation = .silu
  /// Whether the embeddings serve as the last layer, too.
  public var isTied: Bool
  /// The token before each text; nil: none is named.
  public var beginning: Int?
  /// The tokens that end an answer.
  public var ends: [Int] = []

  /// Whether queries, keys and values have biases.
  public var hasBiases: Bool { family == .qwen2 }
}

extension DecoderConfiguration {
  static let dimensions = 1...(1 << 20)

  /// - Throws: ``ModelFileError`` if the parts do not fit each other.
  func check(_ file: String) throws(ModelFileError) {
    guard heads.isMultiple(of: keyValueHeads) else {
      throw ModelFileError(file, "its \(heads) heads can't share \(keyValueHeads) heads of keys and values")
    }
    guard headWidth.isMultiple(of: 2) else {
      throw ModelFileError(file, "its heads are \(headWidth) wide; positions turn pairs, so allowed are even widths")
    }
    guard let token = (ends + [beginning ?? 0]).first(where: { !(0..<vocabulary).contains($0) }) else { return }
    throw ModelFileError(file, "it names the token \(token), and has \(vocabulary)")
  }
}
