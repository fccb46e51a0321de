import Foundation

/// What the terminal can show.
enum Terminal {
  /// What is typed, line by line, read on a thread of its own.
  static func lines() -> AsyncStream<String> {
    AsyncStream { continuation in
      Thread.detachNewThread {
        while let line = readLine() { continuation.yield(line) }
        continuation.finish()
      }
    }
  }

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

  /// Says on standard error what a person should know.
  static func warn(_ sentence: String) {
    try? FileHandle.standardError.write(contentsOf: Data("grove: \(sentence)\n".utf8))
  }

  /// Says how far something long is, in place of what was said before; nothing where nobody looks.
  static func progress(_ text: String) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    StandardStreams.complain("\r\u{1B}[K\(text)")
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
      var line = "  " + cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return index == 0 ? Terminal.dim(line, colours) : line
    }
  }
}
