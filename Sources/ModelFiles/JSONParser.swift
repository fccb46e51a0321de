import Foundation

/// Reads one JSON value from the beginning to the end of some bytes.
struct JSONParser {
  let path: String
  let bytes: UnsafeRawBufferPointer
  private var index = 0
  private var depth = 0
  private static let deepest = 64

  init(path: String, bytes: UnsafeRawBufferPointer) {
    self.path = path
    self.bytes = bytes
  }

  mutating func document() throws(ModelFileError) -> JSON {
    let value = try value()
    guard next() == nil else { throw error("something follows the end") }
    return value
  }

  private func error(_ fault: String) -> ModelFileError {
    ModelFileError(path, "it is not JSON: \(fault), at byte \(index)")
  }

  /// The next byte that is no blank; it is not taken.
  private mutating func next() -> UInt8? {
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      default: return bytes[index]
      }
    }
    return nil
  }

  private mutating func takes(_ character: Character) -> Bool {
    guard next() == character.asciiValue else { return false }
    index += 1
    return true
  }

  private mutating func value() throws(ModelFileError) -> JSON {
    guard let first = next() else { throw error("it ends where a value is expected") }
    switch first {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "t"): return try word("true", .truth(true))
    case UInt8(ascii: "f"): return try word("false", .truth(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(ModelFileError) -> JSON {
    guard index + word.utf8CodeUnitCount <= bytes.count,
      (0..<word.utf8CodeUnitCount).allSatisfy({ bytes[index + $0] == word.utf8Start[$0] })
    else { throw error("a value is expected") }
    index += word.utf8CodeUnitCount
    return value
  }

  private mutating func enter() throws(ModelFileError) {
    depth += 1
    guard depth <= Self.deepest else { throw error("more than \(Self.deepest) values stand within each other") }
    index += 1
  }

  private mutating func array() throws(ModelFileError) -> JSON {
    try enter()
    defer { depth -= 1 }
    var values: [JSON] = []
    if takes("]") { return .array(values) }
    repeat { values.append(try value()) } while takes(",")
    guard takes("]") else { throw error("a comma or the end of a list is expected") }
    return .array(values)
  }

  private mutating func object() throws(ModelFileError) -> JSON {
    try enter()
    defer { depth -= 1 }
    var members: [(key: String, value: JSON)] = []
    if takes("}") { return .object(members) }
    repeat {
      guard next() == UInt8(ascii: "\"") else { throw error("a key is expected") }
      let key = try text()
      guard takes(":") else { throw error("a colon is expected") }
      members.append((key, try value()))
    } while takes(",")
    guard takes("}") else { throw error("a comma or the end of an object is expected") }
    return .object(members)
  }

  private mutating func number() throws(ModelFileError) -> JSON {
    let start = index
    var isWhole = true
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"): index += 1
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): (isWhole, index) = (false, index + 1)
      default: return try number(start, isWhole)
      }
    }
    return try number(start, isWhole)
  }

  private mutating func number(_ start: Int, _ isWhole: Bool) throws(ModelFileError) -> JSON {
    let digits = String(decoding: bytes[start..<index], as: UTF8.self)
    if isWhole, let value = Int(digits) { return .integer(value) }
    guard index > start, index - start <= 400, let value = Double(digits), value.isFinite else {
      index = start
      throw error("a value is expected")
    }
    return .number(value)
  }

  private mutating func text() throws(ModelFileError) -> String {
    index += 1
    var start = index
    var pieces = ""
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        defer { index += 1 }
        let last = try plain(start)
        return pieces.isEmpty ? last : pieces + last
      case UInt8(ascii: "\\"):
        pieces += try plain(start)
        pieces.unicodeScalars.append(try escaped())
        start = index
      case 0..<0x20: throw error("a text contains a control character")
      default: index += 1
      }
    }
    throw error("it ends within a text")
  }

  private func plain(_ start: Int) throws(ModelFileError) -> String {
    let bytes = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
    guard let text = String(validating: bytes, as: UTF8.self) else { throw error("a text is not UTF-8") }
    return text
  }

  private mutating func escaped() throws(ModelFileError) -> Unicode.Scalar {
    guard index + 1 < bytes.count else { throw error("it ends within a text") }
    let letter = bytes[index + 1]
    index += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw error("a text contains an escape that is not known")
    }
    let unit = try hexadecimal()
    if let scalar = Unicode.Scalar(UInt32(unit)) { return scalar }
    guard UTF16.isLeadSurrogate(unit), index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
      bytes[index + 1] == UInt8(ascii: "u")
    else { throw error("a text contains half of a character") }
    index += 2
    let second = try hexadecimal()
    guard UTF16.isTrailSurrogate(second) else { throw error("a text contains half of a character") }
    let value = 0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(second & 0x3FF))
    guard let scalar = Unicode.Scalar(value) else { throw error("a text contains half of a character") }
    return scalar
  }

  private mutating func hexadecimal() throws(ModelFileError) -> UInt16 {
    guard index + 4 <= bytes.count else { throw error("it ends within a text") }
    let digits = bytes[index..<index + 4]
    guard digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("a text contains an escape without its four digits") }
    index += 4
    return unit
  }
}
