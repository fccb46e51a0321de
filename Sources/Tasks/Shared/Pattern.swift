/// How a question is written around its numbers: `edge _ _`, `f(_,_)`.
///
/// Where there is a space, people may write several; inside of parentheses they may put any.
struct Pattern: Sendable {
  private enum Piece: Hashable {
    case text(String), space, anySpace, number
  }

  private let pieces: [Piece]

  init(_ pattern: String) {
    var pieces: [Piece] = []
    var text = ""
    func end() {
      if !text.isEmpty { pieces.append(.text(text)) }
      text = ""
    }
    for character in pattern {
      switch character {
      case "_", " ":
        end()
        pieces.append(character == "_" ? .number : .space)
      case "(", ",", ")":
        end()
        if character != "(" { pieces.append(.anySpace) }
        pieces.append(.text(String(character)))
        if character != ")" { pieces.append(.anySpace) }
      default: text.append(character)
      }
    }
    end()
    self.pieces = pieces
  }

  func write(_ numbers: [String]) -> String {
    var numbers = numbers[...]
    return pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .space: " "
      case .anySpace: ""
      case .number: numbers.popFirst() ?? ""
      }
    }.joined()
  }

  /// The digits of the numbers, if the text is written so.
  func read(_ text: String) -> [Substring]? {
    var rest = text[...]
    var numbers: [Substring] = []
    for piece in pieces {
      switch piece {
      case .text(let text):
        guard rest.hasPrefix(text) else { return nil }
        rest = rest.dropFirst(text.count)
      case .space, .anySpace:
        let spaces = rest.prefixMatch(of: /\s+/)
        guard spaces != nil || piece == .anySpace else { return nil }
        rest = rest[(spaces?.range.upperBound ?? rest.startIndex)...]
      case .number:
        guard let digits = rest.prefixMatch(of: /\d+/) else { return nil }
        numbers.append(digits.output)
        rest = rest[digits.range.upperBound...]
      }
    }
    return rest.isEmpty ? numbers : nil
  }
}
