import ZeroMQ

/// Encodes values as bytes, and ``Bulk`` as frames beside them.
///
/// Every value fills a slot: a 32-bit length and its bytes, or the length 2³²−1 for nil. A struct's bytes are keys
/// (length-prefixed text) each followed by a slot, an array's are slots; arrays of numbers are the numbers in a row.
final class WireEncoder: Encoder {
  static let none = UInt32.max

  /// What a value turned out to be.
  private enum Content {
    case undecided
    case bytes([UInt8])
    case keyed([(key: String, value: WireEncoder)])
    case unkeyed([WireEncoder])
    case null
  }

  /// Frames that all encoders of one message share.
  final class Attachments {
    var frames: [Frame] = []
  }

  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  private let attachments: Attachments
  private var content = Content.undecided

  init(_ attachments: Attachments) {
    self.attachments = attachments
  }

  /// Appends the slot of a value.
  static func encode<Value: Encodable>(_ value: Value, into writer: inout WireWriter, _ attachments: Attachments) throws
  {
    if let bytes = plainBytes(value) {
      writer.slot(bytes)
      return
    }
    let encoder = WireEncoder(attachments)
    try value.encode(to: encoder)
    encoder.write(into: &writer)
  }

  func attach(_ frame: Frame) {
    attachments.frames.append(frame)
    content = .bytes(Self.little(UInt32(attachments.frames.count - 1)))
  }

  private func write(into writer: inout WireWriter) {
    switch content {
    case .undecided: writer.slot([])
    case .null: writer.integer(Self.none)
    case .bytes(let bytes): writer.slot(bytes)
    case .keyed(let entries):
      var inner = WireWriter()
      for (key, value) in entries {
        inner.string(key)
        value.write(into: &inner)
      }
      writer.slot(inner.bytes)
    case .unkeyed(let values):
      var inner = WireWriter()
      for value in values { value.write(into: &inner) }
      writer.slot(inner.bytes)
    }
  }

  /// Numbers, text and arrays of numbers, which need no encoder.
  private static func plainBytes<Value>(_ value: Value) -> [UInt8]? {
    if let value = sameType(value, as: Int.self) { return little(Int64(value)) }
    if let value = sameType(value, as: String.self) { return [UInt8](value.utf8) }
    if let value = sameType(value, as: Bool.self) { return [value ? 1 : 0] }
    if let value = sameType(value, as: UInt64.self) { return little(value) }
    if let value = sameType(value, as: Int32.self) { return little(value) }
    if let value = sameType(value, as: Double.self) { return little(value.bitPattern) }
    if let value = sameType(value, as: Float.self) { return little(value.bitPattern) }
    if let value = sameType(value, as: [UInt8].self) { return value }
    if let value = sameType(value, as: [Int].self) { return row(value) }
    if let value = sameType(value, as: [Int32].self) { return row(value) }
    if let value = sameType(value, as: [Float].self) { return row(value) }
    if let value = sameType(value, as: [Double].self) { return row(value) }
    return nil
  }

  private static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
  }

  private static func row<Element: BitwiseCopyable>(_ values: [Element]) -> [UInt8] {
    values.withUnsafeBytes { [UInt8]($0) }
  }

  // MARK: Encoder

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .keyed = content {} else { content = .keyed([]) }
    return KeyedEncodingContainer(Keyed(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .unkeyed = content {} else { content = .unkeyed([]) }
    return Unkeyed(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

  private func set<Value: Encodable>(_ value: Value) throws {
    if let bytes = Self.plainBytes(value) {
      content = .bytes(bytes)
    } else {
      try value.encode(to: self)
    }
  }

  private func child(_ key: String) -> WireEncoder {
    let child = WireEncoder(attachments)
    if case .keyed(var entries) = content {
      content = .undecided
      entries.append((key, child))
      content = .keyed(entries)
    }
    return child
  }

  private func child() -> WireEncoder {
    let child = WireEncoder(attachments)
    if case .unkeyed(var values) = content {
      content = .undecided
      values.append(child)
      content = .unkeyed(values)
    }
    return child
  }

  private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: WireEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { encoder.child(key.stringValue).content = .null }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
      try encoder.child(key.stringValue).set(value)
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
      encoder.child(key.stringValue).container(keyedBy: keyType)
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      encoder.child(key.stringValue).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { encoder.child("super") }
    func superEncoder(forKey key: Key) -> any Encoder { encoder.child(key.stringValue) }
  }

  private struct Unkeyed: UnkeyedEncodingContainer {
    let encoder: WireEncoder
    var codingPath: [any CodingKey] { [] }
    var count: Int {
      if case .unkeyed(let values) = encoder.content { values.count } else { 0 }
    }

    func encodeNil() { encoder.child().content = .null }
    func encode<Value: Encodable>(_ value: Value) throws { try encoder.child().set(value) }
    func nestedContainer<Nested: CodingKey>(keyedBy keyType: Nested.Type) -> KeyedEncodingContainer<Nested> {
      encoder.child().container(keyedBy: keyType)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.child().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder.child() }
  }

  private struct Single: SingleValueEncodingContainer {
    let encoder: WireEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { encoder.content = .null }
    func encode<Value: Encodable>(_ value: Value) throws {
      // Integers of other widths come here as themselves: they travel as 64 bits.
      switch value {
      case let value as any FixedWidthInteger & Encodable where WireEncoder.plainBytes(value) == nil:
        encoder.content = .bytes(WireEncoder.little(Int64(truncatingIfNeeded: value)))
      default: try encoder.set(value)
      }
    }
  }
}
