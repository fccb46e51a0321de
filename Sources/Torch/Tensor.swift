import CTorch

/// An array of 32-bit floats or 64-bit tokens with a shape, and the operation that it came from, through which gradients
/// flow back.
///
/// A tensor belongs to the thread that made it (libtorch records gradients by thread): it is not `Sendable`, so keep it
/// inside one actor that runs on one thread.
public final class Tensor {
  let handle: OpaquePointer

  init(_ handle: OpaquePointer?, _ operation: String) throws {
    guard let handle else { throw TorchError.last(operation) }
    self.handle = handle
  }

  deinit { torch.free(handle) }

  /// Numbers in row-major order; throws if they don't fill the shape exactly.
  public convenience init(_ values: [Float], shape: [Int], device: Device) throws {
    try Self.check(values.count, fills: shape)
    let torch = try Library.functions.get()
    try self.init(
      shape.withDimensions { torch.floats(values, $0, Int32(shape.count), device.name) }, "floats\(shape)")
  }

  /// Tokens in row-major order; throws if they don't fill the shape exactly.
  public convenience init(tokens: [Int32], shape: [Int], device: Device) throws {
    try Self.check(tokens.count, fills: shape)
    let torch = try Library.functions.get()
    try self.init(
      shape.withDimensions { torch.tokens(tokens, $0, Int32(shape.count), device.name) }, "tokens\(shape)")
  }

  /// Zeros.
  public convenience init(zeros shape: [Int], device: Device) throws {
    let torch = try Library.functions.get()
    try self.init(shape.withDimensions { torch.zeros($0, Int32(shape.count), device.name) }, "zeros\(shape)")
  }

  /// Lengths of the dimensions.
  public var shape: [Int] { (0..<torch.rank(handle)).map { Int(torch.size(handle, $0)) } }

  /// The numbers, row-major.
  public func floats() throws -> [Float] {
    let count = shape.reduce(1, *)
    var failed: Int32 = 0
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      failed = torch.read_floats(handle, buffer.baseAddress, Int64(count))
      filled = failed == 0 ? count : 0
    }
    guard failed == 0 else { throw TorchError.last("floats") }
    return values
  }

  /// Its own memory, where it is the host's and in a row; nil on another device.
  var hostMemory: UnsafeMutableBufferPointer<Float>? {
    torch.data(handle).map { UnsafeMutableBufferPointer(start: $0, count: shape.reduce(1, *)) }
  }

  /// The tokens, row-major.
  public func tokens() throws -> [Int32] {
    let count = shape.reduce(1, *)
    var failed: Int32 = 0
    let values = [Int32](unsafeUninitializedCapacity: count) { buffer, filled in
      failed = torch.read_tokens(handle, buffer.baseAddress, Int64(count))
      filled = failed == 0 ? count : 0
    }
    guard failed == 0 else { throw TorchError.last("tokens") }
    return values
  }

  private static func check(_ count: Int, fills shape: [Int]) throws {
    guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(1, *) == count else {
      throw TorchError(operation: "tensor", reason: "\(count) values don't fill the shape \(shape)")
    }
  }
}

extension [Int] {
  func withDimensions<Result>(_ body: (UnsafePointer<Int64>) throws -> Result) rethrows -> Result {
    try map(Int64.init).withUnsafeBufferPointer { buffer in
      // An empty shape (a scalar) has no dimensions to read, but libtorch wants an address.
      var none: Int64 = 0
      return try withUnsafePointer(to: &none) { try body(buffer.baseAddress ?? $0) }
    }
  }
}

/// Runs `body` without recording operations for gradients, which makes it quicker and smaller. Not across an `await`.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  guard case .success(let torch) = Library.functions else { return try body() }
  let was = torch.set_recording(false)
  defer { _ = torch.set_recording(was) }
  return try body()
}
