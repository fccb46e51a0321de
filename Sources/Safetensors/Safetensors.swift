import Foundation

/// A safetensors file: named arrays of numbers and a table of texts.
///
/// The format is a 64-bit length, a JSON header of that length, and the arrays' bytes one after the other
/// (https://github.com/huggingface/safetensors).
public struct Safetensors: Sendable {
  /// How an array's numbers are stored; all little-endian.
  public enum ElementType: String, Sendable, Codable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int32 = "I32"
    case uint8 = "U8"

    /// In bytes.
    public var size: Int {
      switch self {
      case .float32, .int32: 4
      case .float16, .bfloat16: 2
      case .uint8: 1
      }
    }
  }

  /// A named array.
  public struct Entry: Sendable, Hashable {
    public let name: String
    public let type: ElementType
    public let shape: [Int]
    /// Where its bytes are in ``Safetensors/bytes``.
    public let range: Range<Int>
  }

  /// In the order of their bytes.
  public private(set) var entries: [Entry] = []
  public var metadata: [String: String] = [:]
  /// The bytes of all arrays, one after the other.
  public private(set) var bytes = Data()

  public init() {}

  /// Adds arrays that lie one behind the other in `data`.
  public mutating func append(_ arrays: [(name: String, shape: [Int])], type: ElementType, data: UnsafeRawBufferPointer)
  {
    var start = bytes.count
    for array in arrays {
      let end = start + array.shape.reduce(1, *) * type.size
      entries.append(Entry(name: array.name, type: type, shape: array.shape, range: start..<end))
      start = end
    }
    precondition(start - bytes.count == data.count, "the arrays' shapes account for all of their bytes")
    bytes.append(contentsOf: data)
  }

  /// Adds one array of integers.
  public mutating func append(_ name: String, _ values: [Int32]) {
    values.withUnsafeBytes { append([(name, [values.count])], type: .int32, data: $0) }
  }

  /// The numbers of all arrays whose name begins so, in the file's order; nil if there is none, or one of another type.
  public func values<Number: BitwiseCopyable>(_ prefix: String, _ type: ElementType, as: Number.Type = Number.self)
    -> [Number]?
  {
    let matching = entries.filter { $0.name.hasPrefix(prefix) }
    guard !matching.isEmpty else { return nil }
    var all: [Number] = []
    for entry in matching {
      guard let values = values(of: entry, type, as: Number.self) else { return nil }
      all += values
    }
    return all
  }

  /// The numbers of an array; nil if they are of another type.
  public func values<Number: BitwiseCopyable>(of entry: Entry, _ type: ElementType, as: Number.Type = Number.self)
    -> [Number]?
  {
    guard entry.type == type, type.size == MemoryLayout<Number>.size else { return nil }
    return bytes.withUnsafeBytes { bytes in
      [Number](unsafeUninitializedCapacity: entry.range.count / type.size) { buffer, filled in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: .init(rebasing: bytes[entry.range]))
        filled = entry.range.count / type.size
      }
    }
  }
}

/// Why bytes are no safetensors file.
public struct SafetensorsError: Error, Equatable, CustomStringConvertible {
  public let description: String
}

// MARK: - Bytes

extension Safetensors {
  static let largestHeader = 100 << 20

  private struct Header: Codable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  /// The whole file. - Throws: ``SafetensorsError`` if it could not be read again.
  public var file: Data {
    get throws {
      var file = Data()
      file.reserveCapacity(bytes.count)
      try write { file.append(contentsOf: $0) }
      return file
    }
  }

  /// Gives the file's bytes piece by piece, so that there is no second copy of them.
  ///
  /// - Throws: ``SafetensorsError``, before the first piece, if the header is longer than a reader takes.
  public func write(_ add: (UnsafeRawBufferPointer) throws -> Void) throws {
    let header = try header()
    try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try add($0) }
    try header.withUnsafeBytes { try add($0) }
    try bytes.withUnsafeBytes { try add($0) }
  }

  private func header() throws -> Data {
    var objects: [String] = []
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func json(_ value: some Encodable) throws -> String { String(decoding: try encoder.encode(value), as: UTF8.self) }
    if !metadata.isEmpty { objects.append("\"__metadata__\":\(try json(metadata))") }
    for entry in entries {
      let header = Header(
        dtype: entry.type.rawValue, shape: entry.shape, offsets: [entry.range.lowerBound, entry.range.upperBound])
      objects.append("\(try json(entry.name)):\(try json(header))")
    }
    var header = Data("{\(objects.joined(separator: ","))}".utf8)
    header.append(contentsOf: [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
    guard header.count <= Self.largestHeader else {
      throw SafetensorsError(
        description: "its header would have \(header.count) bytes, and at most \(Self.largestHeader) can be read again")
    }
    return header
  }

  /// Reads a whole file.
  ///
  /// - Throws: ``SafetensorsError`` that says what is wrong; no file can make it crash or read outside of itself.
  public init(file: Data) throws(SafetensorsError) {
    let layout: Layout
    do {
      layout = try file.withUnsafeBytes { try Layout(file: $0) }
    } catch {
      throw error as? SafetensorsError ?? SafetensorsError(description: "\(error)")
    }
    entries = layout.entries
    metadata = layout.metadata
    bytes = Data(file.dropFirst(layout.start))
  }
}
