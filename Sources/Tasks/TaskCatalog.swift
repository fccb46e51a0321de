/// The tasks that there are.
public enum TaskCatalog {
  /// Sizes that a task can have.
  public static let sizes = 4...64
  /// Bits that an exponent can have.
  public static let bits = 2...6

  public static let all: [any TaskDefinition.Type] = [Permutation.self, Assignment.self, Wildcard.self]
  public static var names: [String] { all.map { $0.name } }

  /// The task of that name.
  ///
  /// - Parameters:
  ///   - size: elements, 4…64.
  ///   - bits: of the exponent, 2…6; for `permutation` only.
  /// - Throws: ``NotationError`` that lists what is allowed.
  public static func task(_ name: String, size: Int, bits: Int) throws -> any TaskDefinition {
    guard sizes.contains(size) else {
      throw NotationError("task size \(size) is out of range: \(sizes.lowerBound) to \(sizes.upperBound) are allowed")
    }
    guard self.bits.contains(bits) else {
      throw NotationError(
        "\(bits) bits are out of range: \(self.bits.lowerBound) to \(self.bits.upperBound) are allowed")
    }
    switch name {
    case Permutation.name: return Permutation(size: size, bits: bits)
    case Assignment.name: return Assignment(size: size)
    case Wildcard.name: return Wildcard(size: size)
    default:
      throw NotationError("there is no task “\(name)”; there is \(names.joined(separator: ", "))")
    }
  }

}
