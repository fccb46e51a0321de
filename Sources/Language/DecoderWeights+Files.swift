import ModelFiles
import Torch

extension DecoderWeights {
  /// The weights of a model's files.
  ///
  /// On the CPU, numbers that a file has as they are to be computed with are not copied: they stay in the mapped file, and
  /// so are there once, however many processes of a machine use them. Others are in such a file once they were computed, if
  /// there is a place for it (``ModelFiles/UnpackedMatrices``).
  ///
  /// - Parameter positions: the most tokens of a sequence, if fewer than the model was made for.
  public init(_ files: ModelFiles, _ type: NumberType, positions: Int = .max, device: Device) throws {
    let tensors = Dictionary(uniqueKeysWithValues: files.tensors.map { ($0.name, $0) })
    let unpacked = device == .cpu ? UnpackedMatrices(files, as: type.stored) : nil
    try self.init(files.configuration, type, positions: positions, device: device) { name, shape, type in
      guard let tensor = tensors[name], tensor.shape == shape else {
        throw TorchError(operation: "weights", reason: "\(files.path) has no tensor \(name) of the shape \(shape)")
      }
      if shape.count == 2, let bytes = unpacked?.withBytes(of: name, { $0 }) {
        return try Tensor(borrowing: bytes, of: Owner(unpacked), type, shape: shape)
      }
      return try Tensor(tensor, type).converted(to: type, on: device)
    }
  }
}

extension NumberType {
  fileprivate var stored: TensorType { self == .float32 ? .float32 : .bfloat16 }
}

extension Tensor {
  fileprivate convenience init(_ tensor: ModelTensor, _ type: NumberType) throws {
    // The file is mapped for as long as there is the tensor that says what is where in it.
    let mapped = tensor.isStored(as: type.stored) ? tensor.withBytes { $0 } : nil
    if let mapped, Int(bitPattern: mapped.baseAddress).isMultiple(of: type.size) {
      try self.init(borrowing: mapped, of: Owner(tensor), type, shape: tensor.shape)
      return
    }
    let memory = Memory(tensor.count * type.size)
    tensor.read(as: type.stored, into: memory.bytes)
    try self.init(borrowing: UnsafeRawBufferPointer(memory.bytes), of: memory, type, shape: tensor.shape)
  }
}

/// What keeps a mapped file.
private final class Owner {
  let mapped: any Sendable

  init(_ mapped: any Sendable) { self.mapped = mapped }
}

/// Memory that lives as long as this does.
private final class Memory {
  let bytes: UnsafeMutableRawBufferPointer

  init(_ count: Int) { bytes = .allocate(byteCount: count, alignment: 64) }

  deinit { bytes.deallocate() }
}
