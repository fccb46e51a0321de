/// A part of a page. Whatever is put into it is shown as text; only other parts, and drawings, are taken as they are.
struct HTML: ExpressibleByStringInterpolation, Sendable {
  private(set) var text: String

  init(stringLiteral text: String) { self.text = text }
  init(stringInterpolation parts: Interpolation) { text = parts.text }
  init(_ parts: [HTML]) { text = parts.map(\.text).joined(separator: "\n") }

  struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ part: HTML) { text += part.text }
    mutating func appendInterpolation(_ part: HTML?) { text += part?.text ?? "" }
    mutating func appendInterpolation(_ parts: [HTML]) { text += HTML(parts).text }
    mutating func appendInterpolation(_ number: Int) { text += "\(number)" }
    mutating func appendInterpolation(_ string: String) { text += HTML.escaped(string) }
    /// - Parameter trusted: made by this program, with its text escaped.
    mutating func appendInterpolation(trusted: String) { text += trusted }
  }

  typealias StringInterpolation = Interpolation

  static func escaped(_ string: String) -> String {
    var text = ""
    for character in string.unicodeScalars {
      switch character {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }
}
