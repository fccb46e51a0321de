import Foundation

/// A change of a text before it is split into words.
enum Normalizer: Sendable, Equatable {
  /// Of Unicode: NFC, NFD, NFKC, NFKD.
  case composed, decomposed, compatible, compatiblyDecomposed
  case replace(String, with: String)
  /// Where there is any text.
  case prepend(String)
  /// Unless it begins so.
  case begin(with: String)

  func callAsFunction(_ text: String) -> String {
    switch self {
    case .composed: Self.isPlain(text) ? text : text.precomposedStringWithCanonicalMapping
    case .decomposed: Self.isASCII(text) ? text : text.decomposedStringWithCanonicalMapping
    case .compatible: Self.isASCII(text) ? text : text.precomposedStringWithCompatibilityMapping
    case .compatiblyDecomposed: Self.isASCII(text) ? text : text.decomposedStringWithCompatibilityMapping
    case .replace(let old, let new): Self.replace(old, with: new, in: text)
    case .prepend(let start): text.isEmpty ? text : start + text
    case .begin(let start): text.isEmpty || text.utf8.starts(with: start.utf8) ? text : start + text
    }
  }

  private static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

  /// Whether all stands before the first letter that composes, U+0300.
  private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0xCC } }

  /// By bytes: to Swift's texts, letters that are written otherwise are the same.
  private static func replace(_ old: String, with new: String, in text: String) -> String {
    let (bytes, old, new) = (Array(text.utf8), Array(old.utf8), Array(new.utf8))
    guard let first = old.first else { return text }
    var (result, index): ([UInt8], Int) = ([], 0)
    result.reserveCapacity(bytes.count)
    while index < bytes.count {
      if bytes[index] == first, bytes[index...].starts(with: old) {
        result += new
        index += old.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
