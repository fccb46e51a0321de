import CTorch

/// An optimiser in the host's memory: one pass over the numbers in a fixed order, and so the same bits everywhere.
final class HostMemory: OptimiserMemory {
  private var first, second, polyak: [Float]

  init(_ averages: Optimiser.Averages) {
    (first, second, polyak) = (averages.first, averages.second, averages.polyak)
  }

  var count: Int { first.count }

  func averages() throws -> Optimiser.Averages { Optimiser.Averages(first: first, second: second, polyak: polyak) }

  func move(_ parameters: Parameters, along gradient: [Float], _ step: OptimiserStep) throws {
    let norm = Float(gt_vector_square_sum(gradient, Int64(gradient.count)).squareRoot())
    let scale = norm > step.clip ? step.clip / norm : 1
    try parameters.withValues { values in
      try gradient.withUnsafeBufferPointer { gradient in
        try first.withUnsafeMutableBufferPointer { first in
          try second.withUnsafeMutableBufferPointer { second in
            for part in parameters.layout.parts {
              let start = part.range.lowerBound
              guard let values = values.baseAddress, let gradient = gradient.baseAddress,
                let first = first.baseAddress, let second = second.baseAddress
              else { return }
              if let matrix = part.matrix {
                guard
                  torch.muon(
                    values + start, gradient + start, first + start, Int64(matrix.rows), Int64(matrix.columns), scale,
                    step.size(matrix), Optimiser.momentum) == 0
                else { throw TorchError.last("muon") }
              } else {
                gt_adam(
                  values + start, gradient + start, first + start, second + start, Int64(part.range.count), scale,
                  step.rate, Optimiser.beta1, Optimiser.beta2, Optimiser.epsilon, Int64(step.number))
              }
            }
          }
        }
      }
      gt_average(&polyak, values.baseAddress, Int64(values.count), step.weight)
    }
  }
}
