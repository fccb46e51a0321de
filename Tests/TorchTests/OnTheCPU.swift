import Torch

/// Tensors for tests that are about one device.
extension Tensor {
  convenience init(_ values: [Float], shape: [Int]) throws { try self.init(values, shape: shape, device: .cpu) }
  convenience init(tokens: [Int32], shape: [Int]) throws { try self.init(tokens: tokens, shape: shape, device: .cpu) }
  convenience init(zeros shape: [Int]) throws { try self.init(zeros: shape, device: .cpu) }
}
