import CTorch

/// The gradient of a model, or the sum of some, where its parameters are: only what other workers need leaves the device.
public struct Gradient {
  /// On the CPU.
  private var inMemory: [Float]
  /// On another device.
  private let onDevice: Tensor?

  init(copying gradients: Tensor) throws {
    if let memory = gradients.hostMemory {
      (inMemory, onDevice) = (Array(memory), nil)
    } else {
      (inMemory, onDevice) = ([], try Tensor(torch.copy(gradients.handle), "copy"))
    }
  }

  /// Adds another one of the same model. The other is left as it was.
  public mutating func add(_ other: Gradient) throws {
    guard let onDevice, let others = other.onDevice else { return Torch.add(&inMemory, other.inMemory) }
    guard torch.add_to(onDevice.handle, others.handle) == 0 else { throw TorchError.last("sum of gradients") }
  }

  /// Its numbers, copied from the device.
  public func numbers() throws -> [Float] { try onDevice?.floats() ?? inMemory }
}

/// Adds numbers to numbers, the summand of gradient reduction.
public func add(_ sum: inout [Float], _ other: [Float]) {
  precondition(other.count == sum.count, "summands have one length")
  gt_vector_add(&sum, other, Int64(other.count))
}
