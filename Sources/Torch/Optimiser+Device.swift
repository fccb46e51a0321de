import CTorch

/// An optimiser on the model's device: but for the gradient that comes in, nothing is copied there or back.
final class DeviceMemory: OptimiserMemory {
  private let first, second, polyak: Tensor

  init(_ averages: Optimiser.Averages, _ device: Device) throws {
    func there(_ numbers: [Float]) throws -> Tensor { try Tensor(numbers, shape: [numbers.count], device: device) }
    (first, second, polyak) = try (there(averages.first), there(averages.second), there(averages.polyak))
  }

  var count: Int { first.shape[0] }

  func averages() throws -> Optimiser.Averages {
    try Optimiser.Averages(first: first.floats(), second: second.floats(), polyak: polyak.floats())
  }

  func move(
    _ parts: [ParameterLayout.Part], of parameters: Parameters, along gradient: [Float], _ step: OptimiserStep
  ) throws {
    let gradient = try parameters.numbers(gradient, shape: [gradient.count])
    let values = parameters.values.handle
    // The norm stays on the device: who reads it waits for all that the device has yet to do.
    guard torch.clip_on_device(gradient.handle, step.clip) == 0 else { throw TorchError.last("clip") }
    for part in parts {
      let start = Int64(part.range.lowerBound)
      let failed =
        if let matrix = part.matrix {
          torch.muon_on_device(
            values, gradient.handle, first.handle, start, Int64(matrix.rows), Int64(matrix.columns), step.size(matrix),
            Optimiser.momentum)
        } else {
          torch.adam_on_device(
            values, gradient.handle, first.handle, second.handle, start, Int64(part.range.count), step.rate,
            Optimiser.beta1, Optimiser.beta2, Optimiser.epsilon, Int64(step.number))
        }
      guard failed == 0 else { throw TorchError.last("step") }
    }
    guard torch.average_on_device(polyak.handle, values, step.weight) == 0 else { throw TorchError.last("average") }
  }
}
