import Distillation
import Hashing

/// SHA-256 of the models after a round, by which replicas, checkpoints and runs are compared.
public struct WeightsHash {
  private var hash = SHA256()

  public init() {}

  /// In this order: of X and then of H′, the values and then their Polyak average, as 32-bit floats.
  public mutating func add(_ vector: UnsafeRawBufferPointer) { hash.update(vector) }

  /// Hexadecimal digits of a hash.
  public static let length = 2 * SHA256.byteCount

  public var hexadecimal: String { hash.digest.hexadecimal }
}

extension ModelSnapshot {
  /// nil if a model is missing.
  public var weightsHash: String? {
    var hash = WeightsHash()
    for name in ModelName.all {
      guard let model = self[name] else { return nil }
      model.weights.add(to: &hash)
    }
    return hash.hexadecimal
  }
}
