import Hashing
import Safetensors

/// A piece of checkpoints that never changes: it is written once, and named by every checkpoint that it is of.
public struct CheckpointPart: Sendable {
  /// SHA-256 of its file, hexadecimal.
  public let name: String
  public let arrays: @Sendable () -> Safetensors

  /// - Parameter arrays: the same at each call. - Throws: ``SafetensorsError`` if they could not be read again.
  public init(_ arrays: @escaping @Sendable () -> Safetensors) throws {
    var hash = SHA256()
    try arrays().write { hash.update($0) }
    name = hash.digest.hexadecimal
    self.arrays = arrays
  }

  init(_ name: String, _ arrays: @escaping @Sendable () -> Safetensors) {
    (self.name, self.arrays) = (name, arrays)
  }

  /// The same part, for who keeps its arrays in another form. - Parameter arrays: make them again.
  public func kept(as arrays: @escaping @Sendable () -> Safetensors) -> CheckpointPart { CheckpointPart(name, arrays) }
}
