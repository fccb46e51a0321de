import Foundation
import Status

/// A figure as SVG: where its plots are, its title and its legend.
struct Drawing {
  let figure: Figure

  private static let margin = (left: 68.0, right: 14.0, top: 30.0, bottom: 42.0)
  private static let legendWidth = 150.0
  private static let titleHeight = 34.0
  private static let legendLine = 18.0

  init(_ figure: Figure) { self.figure = figure }

  private var head: Double { figure.title.isEmpty ? 8 : Self.titleHeight }

  func svg(embedded: Bool) -> String {
    let columns = figure.rows.map(\.count).max() ?? 0
    // One legend for all plots if they show the same lines, else one beside each.
    let isCommon = Set(figure.rows.joined().map { $0.lines.map(\.label) }).count <= 1
    // Room for titles, if there are some.
    let top = figure.rows.joined().allSatisfy(\.title.isEmpty) ? 8 : Self.margin.top
    let names = figure.rows.joined().map { PlotDrawing($0, figure.plotSize).namesDepth }.max() ?? 0
    let cell = (
      width: figure.plotSize.width + Self.margin.left + Self.margin.right + (isCommon ? 0 : Self.legendWidth),
      height: figure.plotSize.height + top + names + Self.margin.bottom
    )
    let width = max(cell.width * Double(columns), 400)
    let (legend, legendHeight) = isCommon ? commonLegend(width: width) : ([], 0)
    let height = head + legendHeight + cell.height * Double(figure.rows.count)
    let look = embedded ? "" : #" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" color="black""#
    var parts = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(height))" width="\(number(width))" \
      height="\(number(height))" font-size="11" fill="currentColor"\(look) role="img">
      """
    ]
    if !embedded { parts.append(#"<rect width="100%" height="100%" fill="white"/>"#) }
    if !figure.title.isEmpty { parts.append(text(figure.title, x: 12, y: 22, #"font-size="15" font-weight="bold""#)) }
    parts += legend
    for (row, plots) in figure.rows.enumerated() {
      for (column, plot) in plots.enumerated() {
        let x = cell.width * Double(column) + Self.margin.left
        let y = head + legendHeight + cell.height * Double(row) + top
        let drawing = PlotDrawing(plot, figure.plotSize)
        parts.append(#"<g transform="translate(\#(number(x)) \#(number(y)))"\#(drawing.values)>"#)
        parts += drawing.parts
        if !isCommon { parts += ownLegend(plot) }
        parts.append("</g>")
      }
    }
    return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// In as many rows as the lines need.
  private func commonLegend(width: Double) -> ([String], height: Double) {
    var parts: [String] = []
    var (x, y) = (12.0, head + 8)
    for line in figure.rows.first?.first?.lines ?? [] {
      let extent = 40 + 7 * Double(line.label.count)
      if x + extent > width, x > 12 { (x, y) = (12, y + Self.legendLine) }
      parts += legend(line, x: x, y: y)
      x += extent
    }
    return (parts, y - head + 8)
  }

  private func ownLegend(_ plot: Figure.Plot) -> [String] {
    plot.lines.enumerated().flatMap { index, line in
      legend(line, x: figure.plotSize.width + 12, y: 12 + Self.legendLine * Double(index))
    }
  }

  private func legend(_ line: Figure.Line, x: Double, y: Double) -> [String] {
    let (left, right, middle) = (number(x), number(x + 22), number(y - 4))
    let stroke = #"<line x1="\#(left)" y1="\#(middle)" x2="\#(right)" y2="\#(middle)" \#(line.stroke)/>"#
    let mark = line.mark.map { [Mark($0).svg(x: x + 11, y: y - 4, colour: line.ink)] } ?? []
    return [stroke] + mark + [text(line.label, x: x + 27, y: y)]
  }
}

extension Figure.Line {
  // Okabe and Ito's colours, which those who see colours differently tell apart.
  private static let colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555", "#a6761d"]
  private static let dashes = ["", "5 3", "2 3", "9 3 2 3"]

  var ink: String { Self.colours[colour % Self.colours.count] }

  var stroke: String {
    // Who has a colour again has it in other dashes.
    let dashes = Self.dashes[(dash + colour / Self.colours.count) % Self.dashes.count]
    return #"stroke="\#(ink)" stroke-width="1.8""# + (dashes.isEmpty ? "" : #" stroke-dasharray="\#(dashes)""#)
  }
}

/// The shape of a point.
struct Mark {
  private let shape: Int

  /// One of five.
  init(_ number: Int) { shape = number % 5 }

  func svg(x: Double, y: Double, colour: String) -> String {
    func polygon(_ corners: [(Double, Double)]) -> String {
      let points = corners.map { "\(number(x + $0.0)),\(number(y + $0.1))" }.joined(separator: " ")
      return #"<polygon points="\#(points)" fill="\#(colour)"/>"#
    }
    return switch shape {
    case 1: polygon([(-3, -3), (3, -3), (3, 3), (-3, 3)])
    case 2: polygon([(0, -4), (4, 3), (-4, 3)])
    case 3: polygon([(0, -4.5), (4.5, 0), (0, 4.5), (-4.5, 0)])
    case 4: polygon([(0, 4), (4, -3), (-4, -3)])
    default: #"<circle cx="\#(number(x))" cy="\#(number(y))" r="3.5" fill="\#(colour)"/>"#
    }
  }
}

func text(_ text: String, x: Double, y: Double, _ more: String = "") -> String {
  #"<text x="\#(number(x))" y="\#(number(y))" \#(more)>\#(escaped(text))</text>"#
}

func escaped(_ text: String) -> String {
  text.map { character in
    switch character {
    case "&": "&amp;"
    case "<": "&lt;"
    case ">": "&gt;"
    default: String(character)
    }
  }.joined()
}

func number(_ value: Double) -> String {
  let rounded = (value * 10).rounded() / 10
  return rounded == rounded.rounded() ? "\(Int(nearest: rounded))" : "\(rounded)"
}
