import CTorch

/// How the weights of a language model are kept and multiplied. What is trained, and its gradients, are 32-bit floats
/// always.
public enum NumberType: Int32, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case float32 = 0
  /// The upper half of a 32-bit float.
  case bfloat16 = 1

  /// Bytes of a number.
  public var size: Int { self == .float32 ? 4 : 2 }

  public var description: String { self == .float32 ? "float32" : "bfloat16" }
}

extension Tensor {
  /// Numbers in somebody else's memory on the CPU, in row-major order, which are never written.
  ///
  /// - Parameter owner: keeps the memory for as long as there are tensors over it.
  /// - Throws: ``TorchError`` if the bytes don't fill the shape exactly, or lie where no such numbers can.
  public convenience init(
    borrowing bytes: UnsafeRawBufferPointer, of owner: AnyObject, _ type: NumberType, shape: [Int]
  ) throws {
    let torch = try Library.functions.get()
    guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(type.size, *) == bytes.count,
      Int(bitPattern: bytes.baseAddress).isMultiple(of: type.size)
    else {
      throw TorchError(
        operation: "borrow",
        reason: "\(bytes.count) bytes don't fill the shape \(shape) with \(type), or lie across them")
    }
    let held = Unmanaged.passRetained(owner)
    let handle = shape.withDimensions {
      torch.borrowed(
        bytes.baseAddress, type.rawValue, $0, Int32(shape.count),
        { $0.map { Unmanaged<AnyObject>.fromOpaque($0).release() } }, held.toOpaque())
    }
    if handle == nil { held.release() }
    try self.init(handle, "borrow\(shape)")
  }

  /// Zeros of a type.
  public convenience init(zeros shape: [Int], _ type: NumberType, device: Device) throws {
    let torch = try Library.functions.get()
    try self.init(
      shape.withDimensions { torch.zeros_of($0, Int32(shape.count), type.rawValue, device.name) }, "zeros\(shape)")
  }

  /// How its numbers are kept; nil: they are tokens.
  public var numberType: NumberType? { NumberType(rawValue: torch.type(handle)) }

  /// The same numbers as another type on a device, as near as can be; the same memory if they are so already.
  public func converted(to type: NumberType, on device: Device) throws -> Tensor {
    try Tensor(torch.converted(handle, type.rawValue, device.name), "conversion to \(type) on \(device.name)")
  }
}
