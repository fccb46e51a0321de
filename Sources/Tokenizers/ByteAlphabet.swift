/// The letters by which files of byte-level tokenizers write bytes (GPT-2's `bytes_to_unicode`): printable ones of Latin-1 stand
/// for themselves, all others for those from U+0100 on.
enum ByteAlphabet {
  private static let letters: [UInt32] = {
    var next: UInt32 = 0x100
    return (0..<UInt32(256)).map { byte in
      if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte) { return byte }
      defer { next += 1 }
      return next
    }
  }()
  private static let bytes = Dictionary(uniqueKeysWithValues: letters.enumerated().map { ($1, UInt8($0)) })

  /// The bytes that a text stands for; nil if it has other letters, too.
  static func bytes(of text: String) -> [UInt8]? {
    var all: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = bytes[scalar.value] else { return nil }
      all.append(byte)
    }
    return all
  }
}
