/// A way to split a text into words, which no token crosses.
enum Splitter: Sendable, Equatable {
  /// Numbers apart from all else, each by itself or as they stand together.
  case digits(individually: Bool)
  case words(WordPattern)
  /// At a text that goes with the word before it.
  case after([Unicode.Scalar])
  /// At a text that goes with the word behind it.
  case before([Unicode.Scalar])
  /// At a text that is a word of its own.
  case around([Unicode.Scalar])

  /// The words of `text[range]`, in order and without gaps.
  func split(_ text: ClassifiedText, _ range: Range<Int>, into words: inout [Range<Int>]) {
    switch self {
    case .digits(let individually): Self.splitDigits(text, range, individually, &words)
    case .words(let pattern):
      var start = range.lowerBound
      while start < range.upperBound {
        let end = pattern.endOfWord(text, start, range.upperBound)
        words.append(start..<end)
        start = end
      }
    case .after(let mark):
      var wasMark = false
      let first = words.count
      for (part, isMark) in Self.parts(text, range, mark) {
        if isMark, !wasMark, words.count > first {
          words[words.count - 1] = words[words.count - 1].lowerBound..<part.upperBound
        } else {
          words.append(part)
        }
        wasMark = isMark
      }
    case .before(let mark):
      var (wasMark, found): (Bool, [Range<Int>]) = (false, [])
      for (part, isMark) in Self.parts(text, range, mark).reversed() {
        if isMark, !wasMark, let last = found.last {
          found[found.count - 1] = part.lowerBound..<last.upperBound
        } else {
          found.append(part)
        }
        wasMark = isMark
      }
      words += found.reversed()
    case .around(let mark): words += Self.parts(text, range, mark).map(\.0)
    }
  }

  private static func splitDigits(
    _ text: ClassifiedText, _ range: Range<Int>, _ individually: Bool, _ words: inout [Range<Int>]
  ) {
    var start = range.lowerBound
    while start < range.upperBound {
      let isNumber = text.classes[start] == .number
      var end = start + 1
      if !isNumber || !individually {
        while end < range.upperBound, (text.classes[end] == .number) == isNumber { end += 1 }
      }
      words.append(start..<end)
      start = end
    }
  }

  /// The places of a text, and what is between them.
  private static func parts(_ text: ClassifiedText, _ range: Range<Int>, _ mark: [Unicode.Scalar]) -> [(
    Range<Int>, Bool
  )] {
    var (parts, start, index): ([(Range<Int>, Bool)], Int, Int) = ([], range.lowerBound, range.lowerBound)
    while index < range.upperBound {
      if text.scalars[index] == mark[0], text.scalars[index..<range.upperBound].starts(with: mark) {
        if start < index { parts.append((start..<index, false)) }
        parts.append((index..<index + mark.count, true))
        index += mark.count
        start = index
      } else {
        index += 1
      }
    }
    if start < range.upperBound { parts.append((start..<range.upperBound, false)) }
    return parts
  }
}

/// A text's characters, each with what splitters ask of it.
struct ClassifiedText {
  enum Class: UInt8 { case letter, number, space, other }

  let scalars: [Unicode.Scalar]
  let classes: [Class]

  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
    classes = scalars.map(Self.classify)
  }

  private static let ascii = (0..<UInt8(128)).map { computed(Unicode.Scalar($0)) }

  private static func classify(_ scalar: Unicode.Scalar) -> Class {
    scalar.isASCII ? ascii[Int(scalar.value)] : computed(scalar)
  }

  private static func computed(_ scalar: Unicode.Scalar) -> Class {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
    case .decimalNumber, .letterNumber, .otherNumber: .number
    default: scalar.properties.isWhitespace ? .space : .other
    }
  }
}
