import Distillation
import Hashing

/// SHA-256 of the models after a round, by which replicas, checkpoints and runs are compared.
public struct WeightsHash {
  private var hash = SHA256()

  public init() {}

  /// In this order: of X and then of H′, the values and then their Polyak average, as 32-bit floats.
  public mutating func add(_ vector: UnsafeRawBufferPointer) { hash.update(vector) }

  /// A model that another program made, in the place of one's numbers.
  public mutating func add(_ reference: ModelReference) {
    Array(reference.digest.utf8).withUnsafeBytes { hash.update($0) }
  }

  /// Hexadecimal digits of a hash.
  public static let length = 2 * SHA256.byteCount

  public var hexadecimal: String { hash.digest.hexadecimal }
}

extension ModelSnapshot {
  /// nil if it has no models.
  public var weightsHash: String? {
    guard !models.isEmpty else { return nil }
    var hash = WeightsHash()
    for weights in ModelName.all.compactMap({ self[$0]?.weights }) {
      switch weights {
      case .vectors(let numbers):
        for vector in [numbers.values, numbers.average] { vector.withUnsafeBytes { hash.add($0) } }
      case .reference(let reference): hash.add(reference)
      }
    }
    return hash.hexadecimal
  }
}
