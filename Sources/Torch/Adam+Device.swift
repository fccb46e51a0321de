import CTorch

/// An optimiser on the model's device: but for the gradient that comes in, nothing is copied there or back.
final class DeviceMemory: AdamMemory {
  private let first, second, polyak: Tensor

  init(_ averages: Adam.Averages, _ device: Device) throws {
    func there(_ numbers: [Float]) throws -> Tensor { try Tensor(numbers, shape: [numbers.count], device: device) }
    (first, second, polyak) = try (there(averages.first), there(averages.second), there(averages.polyak))
  }

  var count: Int { first.shape[0] }

  func averages() throws -> Adam.Averages {
    try Adam.Averages(first: first.floats(), second: second.floats(), polyak: polyak.floats())
  }

  func move(_ parameters: Parameters, along gradient: [Float], _ step: AdamStep) throws {
    let gradient = try parameters.numbers(gradient, shape: [gradient.count])
    let failed = torch.adam_on_device(
      parameters.values.handle, gradient.handle, first.handle, second.handle, step.clip, step.rate, Adam.beta1,
      Adam.beta2, Adam.epsilon, Int64(step.number))
    guard failed == 0, torch.average_on_device(polyak.handle, parameters.values.handle, step.weight) == 0 else {
      throw TorchError.last("adam")
    }
  }
}
