/// A kind of task, such as `permutation`: what it is called, what it can be told, and how one is made.
public struct TaskKind: Sendable {
  /// A whole number that tasks of this kind alone are told: `task.bits` of `cluster.yaml` is the setting `bits` of
  /// `permutation`. Its key, with the same range, is a line in the configuration's table.
  public struct Setting: Hashable, Sendable {
    public let name: String
    public let allowed: ClosedRange<Int>
    /// The value where nobody says otherwise.
    public let standard: Int
    /// What it is, for the line that explains its key in `cluster.yaml`.
    public let summary: String

    public init(_ name: String, _ allowed: ClosedRange<Int>, standard: Int, _ summary: String) {
      self.name = name
      self.allowed = allowed
      self.standard = standard
      self.summary = summary
    }
  }

  /// What a task is told, all of it allowed.
  public struct Values: Sendable {
    fileprivate let given: [String: Int]

    public subscript(_ setting: Setting) -> Int { given[setting.name] ?? setting.standard }
  }

  /// The name by which `cluster.yaml` and the command line know it.
  public let name: String
  /// One line for the list of tasks.
  public let summary: String
  /// Elements that contexts of such a task can be said to have at most.
  public let sizes: ClosedRange<Int>
  public let settings: [Setting]
  private let make: @Sendable (_ size: Int, _ values: Values) -> any TaskDefinition

  public init(
    _ name: String, _ summary: String, sizes: ClosedRange<Int> = 4...64, settings: [Setting] = [],
    make: @escaping @Sendable (_ size: Int, _ values: Values) -> any TaskDefinition
  ) {
    self.name = name
    self.summary = summary
    self.sizes = sizes
    self.settings = settings
    self.make = make
  }

  /// A task of this kind.
  ///
  /// - Parameters:
  ///   - size: elements, one of ``sizes``.
  ///   - settings: by name; those of other kinds don't matter.
  /// - Throws: ``NotationError`` that says what is allowed.
  public func task(size: Int, _ settings: [String: Int] = [:]) throws -> any TaskDefinition {
    guard sizes.contains(size) else {
      throw NotationError("task size \(size) is out of range: \(sizes.lowerBound) to \(sizes.upperBound) are allowed")
    }
    let values = Values(given: settings)
    for setting in self.settings where !setting.allowed.contains(values[setting]) {
      throw NotationError(
        "\(values[setting]) \(setting.name) are out of range: "
          + "\(setting.allowed.lowerBound) to \(setting.allowed.upperBound) are allowed")
    }
    return make(size, values)
  }
}
