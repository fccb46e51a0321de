/// Text in a terminal, where a letter is one column wide, or two, and what makes it coloured is none.
extension String {
  /// What begins a sequence that colours what follows; an m ends it.
  private static let escape: Character = "\u{1B}"
  private static let plain = "\u{1B}[0m"

  var columns: Int {
    if utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return utf8.count }
    var (columns, isColour) = (0, false)
    for character in self {
      if isColour || character == Self.escape { isColour = character != "m" } else { columns += character.columns }
    }
    return columns
  }

  /// As much of it as fits, with … for the rest.
  func cut(to most: Int) -> String {
    // No letter has more columns than bytes.
    guard utf8.count > most, columns > most else { return self }
    guard most > 0 else { return "" }
    var (text, taken, isColour, isColoured) = ("", 0, false, false)
    for character in self {
      if isColour || character == Self.escape {
        (isColour, isColoured) = (character != "m", true)
      } else {
        taken += character.columns
        guard taken < most else { break }
      }
      text.append(character)
    }
    return text + "…" + (isColoured ? Self.plain : "")
  }

  /// Its words in lines that fit. - Parameter indent: of all lines.
  func wrapped(to most: Int, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: min(indent, max(0, most - 1)))
    var lines: [String] = []
    for word in split(separator: " ") {
      if let last = lines.last, last.columns + 1 + String(word).columns <= most {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append((margin + word).cut(to: most))
      }
    }
    return lines
  }

  /// In lines that fit, broken between words: what goes on stands further in.
  func folded(to most: Int) -> [String] {
    let words = split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let margin = String(repeating: " ", count: min(prefix { $0 == " " }.count + 2, max(0, most / 2)))
    var (lines, line) = ([String](), words[0])
    for word in words.dropFirst() {
      if line.columns + 1 + word.columns > most, line.contains(where: { $0 != " " }) {
        lines.append(line)
        line = margin + word
      } else {
        line += " " + word
      }
    }
    return lines + [line]
  }

  /// In one line, without anything that would move the cursor or change how all else looks.
  var harmless: String {
    String(map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0 })
  }
}

extension Character {
  /// Letters of East Asia and pictures are as wide as two others.
  fileprivate var columns: Int {
    guard !isASCII, let first = unicodeScalars.first?.value else { return 1 }
    switch first {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F9FF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
