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

  /// Rows and columns of a hidden layer's matrix.
  struct Matrix: Sendable, Hashable {
    let rows, columns: Int
  }

  /// A hidden layer's matrix, or all between two of them.
  struct Part: Sendable, Hashable {
    var range: Range<Int>
    /// nil: its numbers are moved one by one.
    let matrix: Matrix?
  }

  public private(set) var entries: [Entry] = []
  /// All parameters in their order, those of hidden layers matrix by matrix.
  private(set) var parts: [Part] = []
  /// Numbers in all parameters.
  public var count: Int { entries.last?.range.upperBound ?? 0 }

  public init() {}

  /// Adds a parameter; the result is its index.
  ///
  /// - Parameter hidden: how many matrices of hidden layers it is, one above the other, of which Muon moves each as a
  ///   whole; 0: it is none.
  public mutating func add(_ name: String, _ shape: [Int], _ start: Start, hidden: Int = 0) -> Int {
    let range = count..<count + shape.reduce(1, *)
    entries.append(Entry(name: name, shape: shape, start: start, range: range))
    if hidden > 0 {
      let matrix = Matrix(rows: shape[0] / hidden, columns: shape[1])
      for start in stride(from: range.lowerBound, to: range.upperBound, by: matrix.rows * matrix.columns) {
        parts.append(Part(range: start..<start + matrix.rows * matrix.columns, matrix: matrix))
      }
    } else if let last = parts.indices.last, parts[last].matrix == nil {
      parts[last].range = parts[last].range.lowerBound..<range.upperBound
    } else {
      parts.append(Part(range: range, matrix: nil))
    }
    return entries.count - 1
  }
}
