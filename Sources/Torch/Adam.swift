import CTorch

/// Adam (Kingma & Ba 2015) over a flat vector, with bias correction and clipping by the global norm.
public struct Adam: Sendable {
  public static let beta1: Float = 0.9
  public static let beta2: Float = 0.98
  public static let epsilon: Float = 1e-8

  /// Steps taken.
  public private(set) var step: Int
  /// Moving averages of the gradient and of its square.
  public private(set) var first: [Float]
  public private(set) var second: [Float]

  public init(count: Int) {
    self.init(step: 0, first: [Float](repeating: 0, count: count), second: [Float](repeating: 0, count: count))
  }

  /// Goes on from a saved state.
  public init(step: Int, first: [Float], second: [Float]) {
    self.step = step
    self.first = first
    self.second = second
  }

  /// One step on `parameters` along a gradient of the same length.
  ///
  /// - Parameter clip: the gradient is scaled down to this Euclidean norm if it is longer.
  public mutating func apply(_ gradient: [Float], to parameters: Parameters, rate: Float, clip: Float) throws {
    guard gradient.count == parameters.count, first.count == parameters.count else {
      throw TorchError(
        operation: "adam", reason: "a gradient of \(gradient.count) numbers for \(parameters.count) parameters")
    }
    step += 1
    let norm = Float(gt_vector_square_sum(gradient, Int64(gradient.count)).squareRoot())
    let scale = norm > clip ? clip / norm : 1
    let step = Int64(step)
    try parameters.withValues { values in
      gt_adam(
        values.baseAddress, gradient, &first, &second, Int64(values.count), scale, rate, Self.beta1, Self.beta2,
        Self.epsilon, step)
    }
  }
}

/// Adds numbers to numbers, the summand of gradient reduction.
public func add(_ sum: inout [Float], _ other: [Float]) {
  precondition(other.count == sum.count, "summands have one length")
  gt_vector_add(&sum, other, Int64(other.count))
}

/// average ← average + weight · (values − average).
public func moveAverage(_ average: inout [Float], towards values: UnsafeMutableBufferPointer<Float>, weight: Float) {
  precondition(average.count == values.count, "an average has as many numbers as what it averages")
  gt_average(&average, values.baseAddress, Int64(values.count), weight)
}
