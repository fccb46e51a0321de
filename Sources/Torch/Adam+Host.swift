import CTorch

/// An optimiser in the host's memory: one pass over the numbers in a fixed order, and so the same bits everywhere.
final class HostMemory: AdamMemory {
  private var first, second, polyak: [Float]

  init(_ averages: Adam.Averages) { (first, second, polyak) = (averages.first, averages.second, averages.polyak) }

  var count: Int { first.count }

  func averages() -> Adam.Averages { Adam.Averages(first: first, second: second, polyak: polyak) }

  func move(_ parameters: Parameters, along gradient: [Float], _ step: AdamStep) throws {
    let norm = Float(gt_vector_square_sum(gradient, Int64(gradient.count)).squareRoot())
    let scale = norm > step.clip ? step.clip / norm : 1
    try parameters.withValues { values in
      gt_adam(
        values.baseAddress, gradient, &first, &second, Int64(values.count), scale, step.rate, Adam.beta1, Adam.beta2,
        Adam.epsilon, Int64(step.number))
      gt_average(&polyak, values.baseAddress, Int64(values.count), step.weight)
    }
  }
}
