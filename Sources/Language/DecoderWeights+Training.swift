import ModelFiles
import Torch

extension DecoderConfiguration {
  /// All numbers of such a model as parameters, which training begins with: matrices normal, gains 1.
  public var layout: ParameterLayout {
    var layout = ParameterLayout()
    for tensor in tensors {
      let start: ParameterLayout.Start =
        tensor.isNorm
        ? .constant(1)
        : tensor.shape.count == 1 ? .constant(0) : .normal(deviation: 0.5 / Float(tensor.shape[1]).squareRoot())
      _ = layout.add(tensor.name, tensor.shape, start)
    }
    return layout
  }
}

extension DecoderWeights {
  /// Weights that are all trained: views into parameters of the configuration's ``ModelFiles/DecoderConfiguration/layout``.
  public init(_ configuration: DecoderConfiguration, training p: Parameters, positions: Int = .max) throws {
    let places = Dictionary(uniqueKeysWithValues: p.layout.entries.enumerated().map { ($0.element.name, $0.offset) })
    try self.init(configuration, .float32, positions: positions, device: p.device) { name, shape, _ in
      guard let place = places[name], p.layout.entries[place].shape == shape else {
        throw TorchError(operation: "weights", reason: "there is no parameter \(name) of the shape \(shape)")
      }
      return p[place]
    }
  }
}
