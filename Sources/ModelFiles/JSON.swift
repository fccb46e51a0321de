/// A JSON value whose objects keep their keys as they stand there: in a vocabulary, “é” written as one letter and as two are
/// different tokens, which a dictionary of strings would take for one.
public enum JSON: Sendable {
  case null
  case truth(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case array([JSON])
  case object([(key: String, value: JSON)])

  /// The first value under a key; nil if this is no object, or has none.
  public subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  public var text: String? { if case .text(let text) = self { text } else { nil } }
  public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  public var truth: Bool? { if case .truth(let value) = self { value } else { nil } }
  public var array: [JSON]? { if case .array(let values) = self { values } else { nil } }
  public var isNull: Bool { if case .null = self { true } else { false } }
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}

extension JSON {
  /// Reads a file that is one JSON value (RFC 8259).
  ///
  /// - Parameter limit: the most bytes that it may have.
  /// - Throws: ``ModelFileError``; no file can make it crash.
  public init(_ file: MappedFile, limit: Int) throws(ModelFileError) {
    guard file.bytes.count <= limit else {
      throw ModelFileError(file.path, "it has \(file.bytes.count) bytes; allowed are at most \(limit)")
    }
    var parser = JSONParser(path: file.path, bytes: file.bytes)
    self = try parser.document()
    withExtendedLifetime(file) {}
  }
}
