import ModelFiles
import Torch

extension DecoderWeights {
  /// The weights of a model's files.
  ///
  /// On the CPU, numbers that a file has as they are to be computed with are not copied: they stay in the mapped file, and
  /// so are there once, however many processes of a machine use them.
  ///
  /// - Parameter positions: the most tokens of a sequence, if fewer than the model was made for.
  public init(_ files: ModelFiles, _ type: NumberType, positions: Int = .max, device: Device) throws {
    let tensors = Dictionary(uniqueKeysWithValues: files.tensors.map { ($0.name, $0) })
    try self.init(files.configuration, type, positions: positions, device: device) { name, shape, type in
      guard let tensor = tensors[name], tensor.shape == shape else {
        throw TorchError(operation: "weights", reason: "\(files.path) has no tensor \(name) of the shape \(shape)")
      }
      return try Tensor(tensor, type).converted(to: type, on: device)
    }
  }
}

extension Tensor {
  fileprivate convenience init(_ tensor: ModelTensor, _ type: NumberType) throws {
    let isStoredSo = tensor.type == (type == .float32 ? .float32 : .bfloat16)
    // The file is mapped for as long as there is the tensor that says what is where in it.
    let mapped = isStoredSo ? tensor.withBytes { $0 } : nil
    if let mapped, Int(bitPattern: mapped.baseAddress).isMultiple(of: type.size) {
      try self.init(borrowing: mapped, of: Owner(tensor), type, shape: tensor.shape)
      return
    }
    let memory = Memory(tensor.count * type.size)
    switch type {
    case .float32: tensor.read(rows: 0..<tensor.rows, into: memory.bytes.bindMemory(to: Float.self))
    case .bfloat16: tensor.readBFloat16(into: memory.bytes.bindMemory(to: UInt16.self))
    }
    try self.init(borrowing: UnsafeRawBufferPointer(memory.bytes), of: memory, type, shape: tensor.shape)
  }
}

private final class Owner {
  let tensor: ModelTensor

  init(_ tensor: ModelTensor) { self.tensor = tensor }
}

/// Memory that lives as long as this does.
private final class Memory {
  let bytes: UnsafeMutableRawBufferPointer

  init(_ count: Int) { bytes = .allocate(byteCount: count, alignment: 64) }

  deinit { bytes.deallocate() }
}
