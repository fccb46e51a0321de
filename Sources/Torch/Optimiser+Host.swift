import CTorch

/// An optimiser in the host's memory. Adam is one pass over the numbers in a fixed order, and so the same bits everywhere;
/// Muon's products are libtorch's, the same bits on processors of one type.
final class HostMemory: OptimiserMemory {
  private var first, second, polyak: [Float]

  init(_ averages: Optimiser.Averages) {
    (first, second, polyak) = (averages.first, averages.second, averages.polyak)
  }

  var count: Int { first.count }

  func averages() throws -> Optimiser.Averages { Optimiser.Averages(first: first, second: second, polyak: polyak) }

  func move(
    _ parts: [ParameterLayout.Part], of parameters: Parameters, along gradient: [Float], _ step: OptimiserStep
  ) throws {
    let norm = Float(gt_vector_square_sum(gradient, Int64(gradient.count)).squareRoot())
    let scale = norm > step.clip ? step.clip / norm : 1
    try parameters.withValues { values in
      try first.withUnsafeMutableBufferPointer { first in
        try second.withUnsafeMutableBufferPointer { second in
          try gradient.withUnsafeBufferPointer { gradient in
            guard let values = values.baseAddress, let gradient = gradient.baseAddress, let first = first.baseAddress,
              let second = second.baseAddress
            else { return }
            for part in parts {
              let start = part.range.lowerBound
              guard let matrix = part.matrix else {
                gt_adam(
                  values + start, gradient + start, first + start, second + start, Int64(part.range.count), scale,
                  step.rate, Optimiser.beta1, Optimiser.beta2, Optimiser.epsilon, Int64(step.number))
                continue
              }
              let failed = torch.muon(
                values + start, gradient + start, first + start, Int64(matrix.rows), Int64(matrix.columns), scale,
                step.size(matrix), Optimiser.momentum)
              guard failed == 0 else { throw TorchError.last("muon") }
            }
          }
        }
      }
      gt_average(&polyak, values.baseAddress, Int64(values.count), step.weight)
    }
  }
}
