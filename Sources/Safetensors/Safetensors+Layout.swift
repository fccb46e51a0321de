import Foundation

extension Safetensors {
  /// Where the arrays of a file are, without a copy of them.
  public struct Layout: Sendable {
    /// In the order of their bytes, which are counted from ``start`` on.
    public private(set) var entries: [Entry] = []
    public let metadata: [String: String]
    /// The place in the file of the first array's first byte.
    public let start: Int

    /// Reads the header of a whole file.
    ///
    /// - Throws: ``SafetensorsError`` that says what is wrong; no file can make it crash or read outside of itself.
    public init(file: UnsafeRawBufferPointer) throws(SafetensorsError) {
      guard file.count >= 8 else { throw SafetensorsError(description: "it has \(file.count) bytes and no header") }
      let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
      guard length <= largestHeader, Int(length) <= file.count - 8 else {
        throw SafetensorsError(description: "its header is said to have \(length) bytes, the file has \(file.count)")
      }
      start = 8 + Int(length)
      guard let parsed = try? JSONSerialization.jsonObject(with: Data(file[8..<start])) as? [String: Any] else {
        throw SafetensorsError(description: "its header is no JSON object")
      }
      for (name, value) in parsed where name != "__metadata__" {
        entries.append(try Self.entry(name, value, most: file.count - start))
      }
      entries.sort {
        ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
      }
      metadata = parsed["__metadata__"] as? [String: String] ?? [:]
    }

    /// - Parameter most: the bytes of all arrays.
    private static func entry(_ name: String, _ value: Any, most: Int) throws(SafetensorsError) -> Entry {
      guard let array = value as? [String: Any], let type = (array["dtype"] as? String).flatMap(ElementType.init),
        let shape = array["shape"] as? [Int], let offsets = array["data_offsets"] as? [Int], offsets.count == 2
      else {
        throw SafetensorsError(description: "the array “\(name.prefix(80))” has no type, shape or place known here")
      }
      var size = type.size
      for dimension in shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
        guard dimension >= 0, !overflow else {
          throw SafetensorsError(description: "the array “\(name.prefix(80))” has an impossible shape")
        }
        size = product
      }
      guard offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= most, offsets[1] - offsets[0] == size else {
        throw SafetensorsError(description: "the array “\(name.prefix(80))” lies outside of the file")
      }
      return Entry(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
    }
  }
}
