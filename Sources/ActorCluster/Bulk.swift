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

  init(frame: Frame) {
    self.frame = frame
  }

  public var byteCount: Int { frame.count }

  /// A copy of the numbers; nil if the bytes are no whole number of elements.
  public func elements<Element: BitwiseCopyable>(_ type: Element.Type = Element.self) -> [Element]? {
    frame.withUnsafeBytes { bytes in
      let (count, rest) = bytes.count.quotientAndRemainder(dividingBy: MemoryLayout<Element>.stride)
      guard rest == 0 else { return nil }
      return [Element](unsafeUninitializedCapacity: count) { buffer, filled in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
        filled = count
      }
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
