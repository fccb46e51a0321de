import CTorch

/// A model's parameters as one flat vector, and their gradients as another, both on the model's device.
///
/// Each parameter is a view into the vector, so that sums over workers, the optimiser and the Polyak average are one
/// pass over numbers in a row.
public final class Parameters {
  public let layout: ParameterLayout
  /// Where the model is, and all that it is given has to be.
  public let device: Device
  let values: Tensor
  private let gradients: Tensor?
  private let leaves: [Tensor]

  /// - Parameters:
  ///   - start: nil: all are zero.
  ///   - areTrained: whether there are gradients; those that only answer do with half the memory.
  /// - Throws: ``TorchError`` if `start` has another length than the layout, or there is no such device.
  public init(_ layout: ParameterLayout, start: [Float]? = nil, areTrained: Bool = true, device: Device) throws {
    self.layout = layout
    self.device = device
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

  // MARK: Values

  /// Reads all values, on another device than the CPU a copy of them.
  public func readValues<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) throws -> Result {
    if let own = values.hostMemory { return try body(UnsafeBufferPointer(own)) }
    return try values.floats().withUnsafeBufferPointer(body)
  }

  /// Changes all values in place; on another device than the CPU it goes over a copy, there and back.
  public func withValues<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) throws -> Result {
    if let own = values.hostMemory { return try body(own) }
    var copy = try values.floats()
    let result = try copy.withUnsafeMutableBufferPointer { try body($0) }
    try setValues(copy)
    return result
  }

  /// Replaces all values.
  ///
  /// - Throws: ``TorchError`` if there are not as many.
  public func setValues(_ new: [Float]) throws {
    guard new.count == count else {
      throw TorchError(operation: "overwrite", reason: "\(new.count) numbers for \(count) parameters")
    }
    guard torch.overwrite(values.handle, new) == 0 else { throw TorchError.last("overwrite") }
  }

  // MARK: Gradient

  /// The gradient that `body` leaves, starting from zero.
  public func gradient(of body: () throws -> Void) throws -> Gradient {
    guard let gradients else {
      throw TorchError(operation: "gradient", reason: "these parameters are not trained and have no gradients")
    }
    guard torch.clear(gradients.handle) == 0 else { throw TorchError.last("clear") }
    try body()
    return try Gradient(copying: gradients)
  }
}

/// What a model is given. These are the only ways to it: an input on another device than the model's has no meaning for it.
extension Parameters {
  /// Tokens in row-major order; throws if they don't fill the shape exactly.
  public func tokens(_ tokens: [Int32], shape: [Int]) throws -> Tensor {
    try Tensor(tokens: tokens, shape: shape, device: device)
  }

  /// Numbers in row-major order; throws if they don't fill the shape exactly.
  public func numbers(_ numbers: [Float], shape: [Int]) throws -> Tensor {
    try Tensor(numbers, shape: shape, device: device)
  }

  public func zeros(_ shape: [Int]) throws -> Tensor { try Tensor(zeros: shape, device: device) }
}
