import ZeroMQ

/// Numbers in a row that travel as a frame of their own, little-endian, without a copy on the way.
///
/// `Codable` only for the cluster's own encoder: use it in the arguments and results of distributed methods.
public struct Bulk: Sendable {
  let frame: Frame

  /// A copy of the elements.
  public init<Element: BitwiseCopyable>(_ elements: [Element]) {
    self = elements.withUnsafeBufferPointer { Bulk($0) }
  }

  /// A copy of the elements.
  public init<Element: BitwiseCopyable>(_ elements: UnsafeBufferPointer<Element>) {
    frame = Frame(byteCount: elements.count * MemoryLayout<Element>.stride) { $0.copyMemory(from: .init(elements)) }
  }

  /// A copy of the slices' elements, one behind the other.
  public init<Element: BitwiseCopyable>(joining slices: [ArraySlice<Element>]) {
    let stride = MemoryLayout<Element>.stride
    frame = Frame(byteCount: slices.reduce(0) { $0 + $1.count } * stride) { buffer in
      var start = 0
      for slice in slices {
        slice.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[start...]).copyMemory(from: $0) }
        start += slice.count * stride
      }
    }
  }

  init(frame: Frame) {
    self.frame = frame
  }

  public var byteCount: Int { frame.count }

  /// A copy of the numbers; nil if the bytes are no whole number of elements.
  public func elements<Element: BitwiseCopyable>(_ type: Element.Type = Element.self) -> [Element]? {
    Self.elements(type, of: [self])
  }

  /// A copy of the numbers of all, one behind the other; nil if the bytes of any are no whole number of elements.
  public static func elements<Element: BitwiseCopyable>(_ type: Element.Type, of parts: [Bulk]) -> [Element]? {
    let stride = MemoryLayout<Element>.stride
    guard parts.allSatisfy({ $0.byteCount.isMultiple(of: stride) }) else { return nil }
    let count = parts.reduce(0) { $0 + $1.byteCount } / stride
    return [Element](unsafeUninitializedCapacity: count) { buffer, filled in
      var rest = UnsafeMutableRawBufferPointer(buffer)[...]
      for part in parts {
        part.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: rest).copyMemory(from: $0) }
        rest = rest.dropFirst(part.byteCount)
      }
      filled = count
    }
  }

  /// The bytes, not aligned.
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try frame.withUnsafeBytes { bytes throws(any Error) in try body(bytes) }
  }
}

extension Bulk: Codable {
  public func encode(to encoder: any Encoder) throws {
    guard let encoder = encoder as? WireEncoder else {
      throw EncodingError.invalidValue(
        self, .init(codingPath: encoder.codingPath, debugDescription: "bulk data travels only in calls"))
    }
    encoder.attach(frame)
  }

  public init(from decoder: any Decoder) throws {
    guard let decoder = decoder as? WireDecoder else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "bulk data travels only in calls"))
    }
    frame = try decoder.attached()
  }
}
