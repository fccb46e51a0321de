import ModelFiles
import Torch

/// Low-rank maps beside the frozen ones of a language model (LoRA: Hu et al. 2021): all that is trained of it.
///
/// Each map adds alpha / rank · B A x. A begins uniform in ±1/√in and B with zeros, so that at first the model is as it was.
public struct LowRankAdapter: Sendable {
  /// What of a model is adapted, and how finely.
  public struct Configuration: Hashable, Sendable {
    /// Rows of A, at least 1.
    public var rank: Int
    /// alpha / rank is what B A is multiplied with.
    public var alpha: Double
    public var targets: Targets

    public init(rank: Int = 16, alpha: Double = 32, targets: Targets = .all) {
      (self.rank, self.alpha, self.targets) = (rank, alpha, targets)
    }

    public var scale: Double { alpha / Double(rank) }
  }

  /// Which linear maps have one beside them.
  public enum Targets: String, Sendable, CaseIterable {
    /// Queries, keys, values and outputs of attention.
    case attention
    /// Those, and the three of feed-forward layers.
    case all

    public var projections: [Projection] { Projection.allCases.filter { self == .all || $0.isAttention } }
  }

  public let configuration: Configuration
  /// A and B of each map, by the names that PEFT gives them.
  public private(set) var layout = ParameterLayout()
  /// Of each layer: where in the layout A is; B follows.
  private var places: [[Projection: Int]] = []

  public init(_ configuration: Configuration, for decoder: DecoderConfiguration) {
    self.configuration = configuration
    for layer in 0..<decoder.layers {
      var own: [Projection: Int] = [:]
      for projection in configuration.targets.projections {
        let (name, size) = (projection.name(layer: layer), decoder.size(of: projection))
        own[projection] = layout.add(
          "\(name).lora_A.weight", [configuration.rank, size.inputs],
          .uniform(bound: 1 / Float(size.inputs).squareRoot()))
        _ = layout.add("\(name).lora_B.weight", [size.outputs, configuration.rank], .constant(0))
      }
      places.append(own)
    }
  }

  /// The map beside a layer's projection; nil if there is none.
  func map(_ projection: Projection, layer: Int, _ p: Parameters) -> Tensor.LowRank? {
    places[layer][projection].map { Tensor.LowRank(down: p[$0], up: p[$0 + 1], scale: configuration.scale) }
  }
}
