import Foundation
import Status

/// The learning curve, drawn with letters: a for amplified, s for student, t for teacher.
struct Chart {
  /// Lines beside those of the curve: the axis, its numbers, what the letters mean.
  static let frame = 4
  /// Fewer lines, or columns, tell nothing.
  static let leastHeight = 4
  private static let leastWidth = 20
  private static let margin = 8
  static let (usualHeight, usualWidth) = (12, 64)

  private let history: [MetricsLine]

  init(_ history: [MetricsLine]) {
    self.history = history
  }

  /// - Parameters:
  ///   - height: of the curve; the chart is ``frame`` lines higher.
  ///   - columns: of the chart; no line is longer.
  /// - Returns: nothing, if nothing was measured, or there is no room for it.
  func lines(height: Int = usualHeight, columns: Int = usualWidth + margin, colours: Bool) -> [String] {
    let width = columns - Self.margin
    guard let first = history.first?.steps, let last = history.last?.steps, height >= Self.leastHeight,
      width >= Self.leastWidth
    else { return [] }
    var lines = grid(width, height).enumerated().map { row, cells in
      let label = (row * 4).isMultiple(of: height) ? String(format: "%4.2f", 1 - Double(row) / Double(height)) : "    "
      return "  \(label) │\(Self.drawn(cells, colours))"
    }
    let end = "\(last.grouped) steps"
    let margin = String(repeating: " ", count: Self.margin)
    lines.append("       └" + String(repeating: "─", count: width))
    lines.append(margin + first.grouped.padding(to: width - end.count) + end)
    let legend = "a amplified   s student   t teacher"
    let long = margin + "accuracy on held-out questions:  " + legend
    lines.append(long.columns <= columns ? long : margin + legend)
    return lines
  }

  private func grid(_ width: Int, _ height: Int) -> [[Character]] {
    let measured = sampled(width)
    var grid = [[Character]](repeating: [Character](repeating: " ", count: width), count: height + 1)
    // Later letters are drawn over earlier ones: the teacher trails, so it goes first.
    for (letter, value) in [("t", \Accuracy.teacher), ("s", \Accuracy.student), ("a", \Accuracy.amplified)] {
      for (column, line) in measured.enumerated() {
        let share = min(max(line.accuracy[keyPath: value], 0), 1)
        grid[height - Int(nearest: share * Double(height))][column] = Character(letter)
      }
    }
    return grid
  }

  /// What was measured last, for each column.
  private func sampled(_ width: Int) -> [MetricsLine] {
    let first = history[0].steps
    let span = Double(max(1, history[history.count - 1].steps - first))
    var index = 0
    return (0..<width).map { column in
      let step = Double(first) + span * Double(column) / Double(width - 1)
      while index + 1 < history.count, Double(history[index + 1].steps) <= step { index += 1 }
      return history[index]
    }
  }

  private static let colours: [Character: Int] = ["a": 32, "s": 36, "t": 33]

  /// Coloured where the letter changes.
  private static func drawn(_ cells: [Character], _ colours: Bool) -> String {
    var (text, rest) = ("", cells[...])
    while let letter = rest.first {
      let same = rest.prefix { $0 == letter }
      rest = rest.dropFirst(same.count)
      text += self.colours[letter].map { Terminal.coloured(String(same), $0, colours) } ?? String(same)
    }
    return text
  }
}
