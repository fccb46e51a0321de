/// A text of lines, each of some words: what files of keys and of people are made of.
public struct WordLines: Sequence {
  private let text: String

  public init(_ text: String) { self.text = text }

  /// The lines with their numbers, which begin with 1; blank ones and those that begin with `#` are left out.
  public func makeIterator() -> AnyIterator<(number: Int, words: [String])> {
    var lines = Self.lines(text).enumerated().makeIterator()
    return AnyIterator {
      while let (index, line) = lines.next() {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        if let first = words.first, !first.hasPrefix("#") { return (index + 1, words) }
      }
      return nil
    }
  }

  /// The lines of a text that people wrote, with whatever editor: with the line ends of any system, behind a byte order
  /// mark or not.
  static func lines(_ text: String) -> [Substring] {
    let text = text.unicodeScalars.first == "\u{FEFF}" ? Substring(text.unicodeScalars.dropFirst()) : text[...]
    return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  }
}
