import CTorch

/// A model's parameters as one flat vector, and their gradients as another.
///
/// Each parameter is a view into the vector, so that sums over workers, the optimiser and the Polyak average are one
/// pass over numbers in a row.
public final class Parameters {
  public let layout: ParameterLayout
  private let values: Tensor
  private let gradients: Tensor?
  private let leaves: [Tensor]

  /// - Parameters:
  ///   - start: nil: all are zero.
  ///   - areTrained: whether there are gradients; those that only answer do with half the memory.
  /// - Throws: ``TorchError`` if `start` has another length than the layout.
  public init(
    _ layout: ParameterLayout, start: [Float]? = nil, areTrained: Bool = true, device: Device = .cpu
  ) throws {
    self.layout = layout
    let values =
      if let start { try Tensor(start, shape: [layout.count], device: device) } else {
        try Tensor(zeros: [layout.count], device: device)
      }
    let gradients = areTrained ? try Tensor(zeros: [layout.count], device: device) : nil
    leaves = try layout.entries.map { entry in
      try Tensor(
        entry.shape.withDimensions {
          torch.parameter(values.handle, gradients?.handle, Int64(entry.range.lowerBound), $0, Int32(entry.shape.count))
        }, "parameter \(entry.name)")
    }
    (self.values, self.gradients) = (values, gradients)
  }

  public var count: Int { layout.count }

  public subscript(index: Int) -> Tensor { leaves[index] }

  /// Reads or changes all values in place.
  public func withValues<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) throws -> Result {
    try Self.with(values, body)
  }

  /// Reads or changes all gradients in place.
  public func withGradients<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) throws -> Result {
    guard let gradients else {
      throw TorchError(operation: "gradient", reason: "these parameters are not trained and have no gradients")
    }
    return try Self.with(gradients, body)
  }

  /// The gradient that `body` leaves, starting from zero.
  public func gradient(of body: () throws -> Void) throws -> [Float] {
    try withGradients { $0.update(repeating: 0) }
    try body()
    return try withGradients { Array($0) }
  }

  /// On the CPU the tensor's own memory; on another device a copy that is written back.
  private static func with<Result>(
    _ vector: Tensor, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) throws -> Result {
    if let data = torch.data(vector.handle) {
      return try body(UnsafeMutableBufferPointer(start: data, count: vector.shape[0]))
    }
    var copy = try vector.floats()
    let result = try copy.withUnsafeMutableBufferPointer { try body($0) }
    guard torch.overwrite(vector.handle, copy) == 0 else { throw TorchError.last("overwrite") }
    return result
  }
}
