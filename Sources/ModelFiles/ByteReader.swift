/// Little-endian numbers and texts of a file, one after the other; none lies outside of it.
struct ByteReader {
  private let file: MappedFile
  private(set) var offset = 0

  init(_ file: MappedFile) { self.file = file }

  /// Bytes that are left.
  var remaining: Int { file.bytes.count - offset }

  func error(_ fault: String, at place: Int? = nil) -> ModelFileError {
    ModelFileError(file.path, "\(fault), at byte \(place ?? offset)")
  }

  /// - Parameter what: that is read, for the sentence.
  mutating func number<Number: FixedWidthInteger>(_ what: @autoclosure () -> String, as: Number.Type = Number.self)
    throws(ModelFileError) -> Number
  {
    let size = MemoryLayout<Number>.size
    guard size <= remaining else { throw error("it ends within \(what())") }
    defer { offset += size }
    return Number(littleEndian: file.bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// A count of what takes at least `size` bytes each: never more than can be there, nor than `most`.
  mutating func count(_ what: @autoclosure () -> String, size: Int, most: Int) throws(ModelFileError) -> Int {
    let start = offset
    let count = try number(what(), as: UInt64.self)
    guard count <= UInt64(most) else { throw error("\(what()) is \(count); allowed are at most \(most)", at: start) }
    guard Int(count) <= remaining / size else {
      throw error("\(what()) is \(count), and only \(remaining) bytes follow", at: start)
    }
    return Int(count)
  }

  /// A length of 64 bits and so many bytes of UTF-8.
  mutating func text(_ what: @autoclosure () -> String) throws(ModelFileError) -> String {
    let count = try count("the length of \(what())", size: 1, most: 1 << 30)
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + count])
    guard let text = String(validating: bytes, as: UTF8.self) else { throw error("\(what()) is not UTF-8") }
    offset += count
    return text
  }
}
