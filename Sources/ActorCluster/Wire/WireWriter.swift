/// Appends little-endian numbers and length-prefixed bytes.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func integer<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// At most 65,535 bytes.
  mutating func string(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      let utf8 = UnsafeRawBufferPointer(utf8).prefix(Int(UInt16.max))
      integer(UInt16(utf8.count))
      bytes.append(contentsOf: utf8)
    }
  }

  mutating func slot(_ content: some Collection<UInt8>) {
    integer(UInt32(content.count))
    bytes.append(contentsOf: content)
  }

  mutating func raw(_ content: some Collection<UInt8>) { bytes.append(contentsOf: content) }
}

/// The value, if it is of that very type. A cast would do the same many times slower.
func sameType<Value, Other>(_ value: Value, as type: Other.Type) -> Other? {
  Value.self == Other.self ? unsafeBitCast(value, to: Other.self) : nil
}
