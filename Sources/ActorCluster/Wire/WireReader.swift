import ZeroMQ

/// Reads what ``WireWriter`` wrote, and throws instead of reading past the end.
struct WireReader {
  private let frame: Frame
  private var position: Int
  private let end: Int

  init(_ frame: Frame) {
    self.init(frame, 0..<frame.count)
  }

  init(_ frame: Frame, _ range: Range<Int>) {
    self.frame = frame
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position == end }
  var remaining: Int { end - position }

  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(RemoteCallError) -> Value {
    let start = try take(MemoryLayout<Value>.size)
    return frame.withUnsafeBytes {
      Value(littleEndian: $0.loadUnaligned(fromByteOffset: start.lowerBound, as: Value.self))
    }
  }

  mutating func string() throws(RemoteCallError) -> String {
    text(try take(Int(try integer(UInt16.self))))
  }

  func text(_ range: Range<Int>) -> String {
    frame.withUnsafeBytes { String(decoding: $0[range], as: UTF8.self) }
  }

  mutating func slot() throws(RemoteCallError) -> Range<Int> {
    try take(Int(try integer(UInt32.self)))
  }

  mutating func take(_ count: Int) throws(RemoteCallError) -> Range<Int> {
    guard count >= 0, count <= end - position else {
      throw RemoteCallError(.malformed, "a message ends \(count - (end - position)) bytes too early")
    }
    defer { position += count }
    return position..<position + count
  }

  func bytes(_ range: Range<Int>) -> [UInt8] { frame.withUnsafeBytes { [UInt8]($0[range]) } }
  func withBytes<Result>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    frame.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}
