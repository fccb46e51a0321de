/// The names, shapes and starting values of a model's parameters, and the place of each in the flat vector.
public struct ParameterLayout: Sendable {
  /// How a parameter starts out.
  public enum Start: Sendable, Hashable {
    case constant(Float)
    /// Normal with mean 0.
    case normal(deviation: Float)
    /// Uniform in ±bound.
    case uniform(bound: Float)
  }

  /// One named parameter.
  public struct Entry: Sendable, Hashable {
    public let name: String
    public let shape: [Int]
    public let start: Start
    /// Where it lies in the flat vector.
    public let range: Range<Int>
  }

  public private(set) var entries: [Entry] = []
  /// Numbers in all parameters.
  public var count: Int { entries.last?.range.upperBound ?? 0 }

  public init() {}

  /// Adds a parameter; the result is its index.
  public mutating func add(_ name: String, _ shape: [Int], _ start: Start) -> Int {
    entries.append(Entry(name: name, shape: shape, start: start, range: count..<count + shape.reduce(1, *)))
    return entries.count - 1
  }
}
