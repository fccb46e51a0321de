/// The tasks that there are.
public enum TaskCatalog {
  /// A task by name.
  public struct Entry: Sendable {
    public let name: String
    public let summary: String
    /// The task of a size; the bits of an exponent matter to `permutation` alone.
    let make: @Sendable (_ size: Int, _ bits: Int) -> any TaskDefinition

    init<Task: TaskDefinition>(_ make: @escaping @Sendable (_ size: Int, _ bits: Int) -> Task) {
      name = Task.name
      summary = Task.summary
      self.make = make
    }
  }

  public static let all = [
    Entry { Permutation(size: $0, bits: $1) },
    Entry { size, _ in Assignment(size: size) },
    Entry { size, _ in Wildcard(size: size) },
    Entry { size, _ in Path(size: size) },
    Entry { size, _ in Forest(size: size) },
    Entry { size, _ in Digits(size: size) },
  ]

  /// Sizes that a task can have.
  public static let sizes = 4...64
  /// Bits that an exponent can have.
  public static let bits = 2...6

  public static var names: [String] { all.map(\.name) }

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
    guard let entry = all.first(where: { $0.name == name }) else {
      throw NotationError("there is no task “\(name)”; there is \(names.joined(separator: ", "))")
    }
    return entry.make(size, bits)
  }
}
