/// The kinds of task that there are.
public struct TaskCatalog: Sendable {
  public let kinds: [TaskKind]

  public init(_ kinds: [TaskKind]) {
    self.kinds = kinds
  }

  public var names: [String] { kinds.map(\.name) }

  /// The task of that name.
  ///
  /// - Parameters:
  ///   - size: elements, of which its kind says how many can be.
  ///   - settings: by name; those of other kinds don't matter.
  /// - Throws: ``NotationError`` that lists what is allowed.
  public func task(_ name: String, size: Int, _ settings: [String: Int] = [:]) throws -> any TaskDefinition {
    guard let kind = kinds.first(where: { $0.name == name }) else {
      throw NotationError("there is no task “\(name)”; there is \(names.joined(separator: ", "))")
    }
    return try kind.task(size: size, settings)
  }
}

extension TaskCatalog {
  /// The tasks that Grove comes with, a line each.
  public static let grove = TaskCatalog([
    Permutation.kind,
    Assignment.kind,
    Wildcard.kind,
    Path.kind,
    Forest.kind,
    Digits.kind,
    Arithmetic.addition,
    Arithmetic.multiplication,
  ])
}
