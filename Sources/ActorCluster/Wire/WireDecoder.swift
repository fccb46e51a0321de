import ZeroMQ

/// Decodes what ``WireEncoder`` wrote. Nothing in the bytes can make it read past its slot, nest without end, or
/// allocate more than the slot holds.
final class WireDecoder: Decoder {
  static let deepest = 64

  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  private let frame: Frame
  private let attachments: ArraySlice<Frame>
  private let range: Range<Int>?
  private let depth: Int

  /// - Parameter range: the bytes of the slot; nil for nil.
  private init(_ frame: Frame, _ attachments: ArraySlice<Frame>, range: Range<Int>?, depth: Int) throws {
    guard depth <= Self.deepest else {
      throw RemoteCallError(.malformed, "a value is nested deeper than \(Self.deepest) levels")
    }
    self.frame = frame
    self.attachments = attachments
    self.range = range
    self.depth = depth
  }

  /// The value in the reader's next slot.
  static func decode<Value: Decodable>(
    _ type: Value.Type, from reader: inout WireReader, _ frame: Frame, _ attachments: ArraySlice<Frame>
  ) throws -> Value {
    try WireDecoder(frame, attachments, range: slot(&reader), depth: 0).value(type)
  }

  private static func slot(_ reader: inout WireReader) throws -> Range<Int>? {
    let length = try reader.integer(UInt32.self)
    return length == WireEncoder.none ? nil : try reader.take(Int(length))
  }

  private func reader() throws -> WireReader {
    guard let range else { throw RemoteCallError(.malformed, "a value is missing") }
    return WireReader(frame, range)
  }

  private func child(_ range: Range<Int>?) throws -> WireDecoder {
    try WireDecoder(frame, attachments, range: range, depth: depth + 1)
  }

  func attached() throws -> Frame {
    var reader = try reader()
    let index = Int(try reader.integer(UInt32.self))
    guard index < attachments.count else { throw RemoteCallError(.malformed, "a frame of bulk data is missing") }
    return attachments[attachments.startIndex + index]
  }

  fileprivate func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try plain(type) ?? Value(from: self)
  }

  private func plain<Value>(_ type: Value.Type) throws -> Value? {
    if type == Int.self { return sameType(Int(try integer(Int64.self)), as: type) }
    if type == String.self { return sameType(try reader().text(try bytes()), as: type) }
    if type == Bool.self { return sameType(try integer(UInt8.self) != 0, as: type) }
    if type == UInt64.self { return sameType(try integer(UInt64.self), as: type) }
    if type == Int32.self { return sameType(try integer(Int32.self), as: type) }
    if type == Double.self { return sameType(Double(bitPattern: try integer(UInt64.self)), as: type) }
    if type == Float.self { return sameType(Float(bitPattern: try integer(UInt32.self)), as: type) }
    if type == [UInt8].self { return sameType(try row(UInt8.self), as: type) }
    if type == [Int].self { return sameType(try row(Int.self), as: type) }
    if type == [Int32].self { return sameType(try row(Int32.self), as: type) }
    if type == [Float].self { return sameType(try row(Float.self), as: type) }
    if type == [Double].self { return sameType(try row(Double.self), as: type) }
    return nil
  }

  private func bytes() throws -> Range<Int> {
    guard let range else { throw RemoteCallError(.malformed, "a value is missing") }
    return range
  }

  fileprivate func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
    var reader = try reader()
    return try reader.integer(Value.self)
  }

  private func row<Element: BitwiseCopyable>(_ type: Element.Type) throws -> [Element] {
    let range = try bytes()
    let (count, rest) = range.count.quotientAndRemainder(dividingBy: MemoryLayout<Element>.stride)
    guard rest == 0 else { throw RemoteCallError(.malformed, "\(range.count) bytes are no row of \(type)") }
    return try reader().withBytes(range) { bytes in
      [Element](unsafeUninitializedCapacity: count) { buffer, filled in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
        filled = count
      }
    }
  }

  // MARK: Decoder

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    var reader = try reader()
    var slots: [String: Range<Int>?] = [:]
    while !reader.isAtEnd {
      let key = try reader.string()
      slots.updateValue(try Self.slot(&reader), forKey: key)
    }
    return KeyedDecodingContainer(Keyed(decoder: self, slots: slots))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    var reader = try reader()
    var slots: [Range<Int>?] = []
    while !reader.isAtEnd { slots.append(try Self.slot(&reader)) }
    return Unkeyed(decoder: self, slots: slots)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { Single(decoder: self) }

  private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: WireDecoder
    let slots: [String: Range<Int>?]
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { slots.keys.compactMap(Key.init) }

    func contains(_ key: Key) -> Bool { slots[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try slot(key) == nil }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
      try decoder.child(slot(key)).value(type)
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
      try decoder.child(slot(key)).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try decoder.child(slot(key)).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder { try decoder.child(slots["super"] ?? nil) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder.child(slot(key)) }

    private func slot(_ key: Key) throws -> Range<Int>? {
      guard let slot = slots[key.stringValue] else {
        throw RemoteCallError(.malformed, "the field \(key.stringValue) is missing")
      }
      return slot
    }
  }

  private struct Unkeyed: UnkeyedDecodingContainer {
    let decoder: WireDecoder
    let slots: [Range<Int>?]
    var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { slots.count }
    var isAtEnd: Bool { currentIndex == slots.count }

    mutating func decodeNil() throws -> Bool {
      guard !isAtEnd, slots[currentIndex] == nil else { return false }
      currentIndex += 1
      return true
    }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next().value(type) }
    mutating func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
      try next().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }

    private mutating func next() throws -> WireDecoder {
      guard !isAtEnd else { throw RemoteCallError(.malformed, "a list ends too early") }
      defer { currentIndex += 1 }
      return try decoder.child(slots[currentIndex])
    }
  }

  private struct Single: SingleValueDecodingContainer {
    let decoder: WireDecoder
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { decoder.range == nil }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
      if let integer = type as? any FixedWidthInteger.Type, try decoder.plain(type) == nil {
        let wide = try decoder.integer(Int64.self)
        guard let value = narrow(wide, to: integer) as? Value else {
          throw RemoteCallError(.malformed, "\(wide) is out of range for \(type)")
        }
        return value
      }
      return try decoder.value(type)
    }

    private func narrow<Integer: FixedWidthInteger>(_ wide: Int64, to type: Integer.Type) -> Integer? {
      Integer(exactly: wide)
    }
  }
}
