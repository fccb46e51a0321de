/// How tokens become text.
struct Decoding: Sendable {
  /// What a token adds.
  enum Piece: Sendable {
    /// Bytes of a text that goes on.
    case bytes([UInt8])
    /// One byte of a character that has no token; the others stand beside it.
    case fallback(UInt8)
  }

  /// What is taken from the beginning.
  enum Beginning: Sendable, Equatable {
    /// So many blanks, at most.
    case blanks(Int)
    /// All blanks of the first token.
    case allOfFirst
  }

  let pieces: [Piece]
  let special: Set<Int32>
  let beginning: Beginning
}

/// Text out of tokens as they come: what is given is final, and together the same as all at once. Bytes that are no UTF-8 become
/// replacement characters; a character that is not complete is waited for.
public struct TextStream: Sendable {
  private let decoding: Decoding
  private let marks: Bool
  private var pending: [UInt8] = []
  /// Whether they are bytes one by one.
  private var isFallback = false
  private var blanksToDrop = 0
  private var isFirst = true

  init(_ decoding: Decoding, marks: Bool) {
    (self.decoding, self.marks) = (decoding, marks)
    if case .blanks(let count) = decoding.beginning { blanksToDrop = count }
  }

  /// The text that is complete with this token. Numbers without a token add nothing.
  public mutating func append(_ token: Int32) -> String {
    guard decoding.pieces.indices.contains(Int(token)), marks || !decoding.special.contains(token) else { return "" }
    var text = ""
    defer { isFirst = false }
    switch decoding.pieces[Int(token)] {
    case .fallback(let byte):
      if !isFallback { text = flush() }
      isFallback = true
      pending.append(byte)
    case .bytes(let bytes):
      if isFallback { text = flush() }
      let dropsAll = isFirst && decoding.beginning == .allOfFirst
      pending += dropsAll ? bytes.filter { $0 != UInt8(ascii: " ") } : bytes
      let complete = pending.count - Self.incomplete(pending)
      text += String(decoding: pending[..<complete], as: UTF8.self)
      pending.removeFirst(complete)
    }
    return withoutBlanks(text)
  }

  /// What was waited for.
  public mutating func finish() -> String { withoutBlanks(flush()) }

  private mutating func flush() -> String {
    defer { (pending, isFallback) = ([], false) }
    guard isFallback, String(validating: pending, as: UTF8.self) == nil else {
      return String(decoding: pending, as: UTF8.self)
    }
    return String(repeating: "\u{FFFD}", count: pending.count)
  }

  private mutating func withoutBlanks(_ text: String) -> String {
    guard blanksToDrop > 0, !text.isEmpty else { return text }
    var bytes = text.utf8[...]
    while blanksToDrop > 0, bytes.first == UInt8(ascii: " ") {
      bytes.removeFirst()
      blanksToDrop -= 1
    }
    if !bytes.isEmpty { blanksToDrop = 0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The last bytes that others could make a character of: at most three.
  private static func incomplete(_ bytes: [UInt8]) -> Int {
    for count in 1..<4 where count <= bytes.count {
      let lead = bytes[bytes.count - count]
      if lead & 0xC0 == 0x80 { continue }
      let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
      guard (0xC2...0xF4).contains(lead), count < length else { return 0 }
      guard count > 1 else { return 1 }
      let second = bytes[bytes.count - count + 1]
      let allowed: ClosedRange<UInt8> =
        switch lead {
        case 0xE0: 0xA0...0xBF
        case 0xED: 0x80...0x9F
        case 0xF0: 0x90...0xBF
        case 0xF4: 0x80...0x8F
        default: 0x80...0xBF
        }
      return allowed.contains(second) ? count : 0
    }
    return 0
  }
}
