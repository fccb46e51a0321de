import Foundation

/// What the terminal can show.
enum Terminal {
  /// Whether standard output is a person's terminal that can redraw.
  static let isInteractive = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

  /// Replaces what the last call drew.
  static func redraw(_ lines: [String]) {
    guard isInteractive else {
      print(lines.joined(separator: "\n"))
      return
    }
    // Home, each line cleared to its end, then all below: nothing flickers.
    print("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\n") + "\n\u{1B}[J", terminator: "")
    fflush(nil)
  }

  static func bold(_ text: String, _ colours: Bool) -> String { colours ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  static func dim(_ text: String, _ colours: Bool) -> String { colours ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
  static func coloured(_ text: String, _ code: Int, _ colours: Bool) -> String {
    colours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

/// Rows whose columns line up.
struct Table {
  private var rows: [[String]]
  private let rightAligned: Set<Int>

  /// - Parameter rightAligned: columns of numbers.
  init(_ head: [String], rightAligned: Set<Int>) {
    rows = [head]
    self.rightAligned = rightAligned
  }

  mutating func add(_ row: [String]) { rows.append(row) }

  func lines(colours: Bool) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    return rows.enumerated().map { index, row in
      let cells = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return rightAligned.contains(column) ? padding + cell : cell + padding
      }
      let line = "  " + cells.joined(separator: "  ")
      return index == 0 ? Terminal.dim(line, colours) : line
    }
  }
}

extension Int {
  /// `12,345`
  var grouped: String {
    var digits = String(magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (self < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }
}

extension Double {
  /// `0.987`
  var threeDigits: String { String(format: "%.3f", self) }

  /// `1 h 12 min`, `3 min 5 s`, `12 s`, of seconds.
  var asTime: String {
    let seconds = Int(rounded())
    if seconds >= 3600 { return "\(seconds / 3600) h \(seconds % 3600 / 60) min" }
    return seconds >= 60 ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds) s"
  }
}
