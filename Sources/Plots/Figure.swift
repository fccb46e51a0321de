import Foundation

/// A grid of plots, as SVG.
public struct Figure: Sendable {
  /// A line with, about it, the range that it is the mean of.
  public struct Line: Sendable {
    public struct Point: Hashable, Sendable {
      public var x, y, low, high: Double

      public init(x: Double, y: Double, low: Double, high: Double) {
        self.x = x
        self.y = y
        self.low = low
        self.high = high
      }
    }

    public var label: String
    /// Lines of one colour belong together, in all plots of a figure.
    public var colour: Int
    public var isDashed: Bool
    public var points: [Point]

    public init(label: String, colour: Int, isDashed: Bool = false, points: [Point]) {
      self.label = label
      self.colour = colour
      self.isDashed = isDashed
      self.points = points
    }
  }

  /// One plot; y runs from 0 to `top`.
  public struct Plot: Sendable {
    public var title: String
    public var xLabel: String
    public var lines: [Line]
    /// Names of x = 0, 1, 2, …; empty where x is a number. Points with names are marked, with a bar for their range.
    public var names: [String]
    public var top: Double

    public init(title: String, xLabel: String, lines: [Line], names: [String] = [], top: Double = 1) {
      self.title = title
      self.xLabel = xLabel
      self.lines = lines
      self.names = names
      self.top = top
    }
  }

  public var title: String
  public var rows: [[Plot]]

  public init(title: String, rows: [[Plot]]) {
    self.title = title
    self.rows = rows
  }

  private var head: Double { title.isEmpty ? 8 : Self.titleHeight }

  // Okabe and Ito's colours, which those who see colours differently tell apart.
  private static let colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555", "#a6761d"]
  private static let width = 330.0
  private static let height = 190.0
  private static let margin = (left: 44.0, right: 14.0, top: 30.0, bottom: 42.0)
  private static let legendWidth = 150.0
  private static let titleHeight = 34.0
  private static let legendLine = 18.0

  /// The figure as a file of its own: black on white. Text stays text; what is in it is escaped.
  public var svg: String { drawn(embedded: false) }

  /// The figure as a part of a page, in the page's colours and as wide as there is room.
  public var embeddedSVG: String { drawn(embedded: true) }

  private func drawn(embedded: Bool) -> String {
    let columns = rows.map(\.count).max() ?? 0
    // One legend for all plots if they show the same lines, else one beside each.
    let isCommon = Set(rows.joined().map { $0.lines.map(\.label) }).count <= 1
    let cell = (
      width: Self.width + Self.margin.left + Self.margin.right + (isCommon ? 0 : Self.legendWidth),
      height: Self.height + Self.margin.top + Self.margin.bottom
    )
    let width = max(cell.width * Double(columns), 400)
    let (legend, legendHeight) = isCommon ? commonLegend(width: width) : ([], 0)
    let height = head + legendHeight + cell.height * Double(rows.count)
    let look = embedded ? "" : #" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" color="black""#
    var parts = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(height))" width="\(number(width))" \
      height="\(number(height))" font-size="11" fill="currentColor"\(look) role="img">
      """
    ]
    if !embedded { parts.append(#"<rect width="100%" height="100%" fill="white"/>"#) }
    if !title.isEmpty { parts.append(text(title, x: 12, y: 22, #"font-size="15" font-weight="bold""#)) }
    parts += legend
    for (row, plots) in rows.enumerated() {
      for (column, plot) in plots.enumerated() {
        let x = cell.width * Double(column) + Self.margin.left
        let y = head + legendHeight + cell.height * Double(row) + Self.margin.top
        parts.append(#"<g transform="translate(\#(number(x)) \#(number(y)))">"#)
        parts += draw(plot)
        if !isCommon {
          parts += plot.lines.enumerated().flatMap { index, line in
            self.legend(line, x: Self.width + 12, y: 12 + Self.legendLine * Double(index))
          }
        }
        parts.append("</g>")
      }
    }
    return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// In as many rows as the lines need.
  private func commonLegend(width: Double) -> ([String], height: Double) {
    var parts: [String] = []
    var (x, y) = (12.0, head + 8)
    for line in rows.first?.first?.lines ?? [] {
      let extent = 40 + 7 * Double(line.label.count)
      if x + extent > width, x > 12 { (x, y) = (12, y + Self.legendLine) }
      parts += legend(line, x: x, y: y)
      x += extent
    }
    return (parts, y - head + 8)
  }

  private func legend(_ line: Line, x: Double, y: Double) -> [String] {
    let (left, right, middle) = (number(x), number(x + 22), number(y - 4))
    return [
      #"<line x1="\#(left)" y1="\#(middle)" x2="\#(right)" y2="\#(middle)" \#(stroke(line))/>"#,
      text(line.label, x: x + 27, y: y),
    ]
  }

  private func draw(_ plot: Plot) -> [String] {
    let xs = plot.lines.flatMap { $0.points.map(\.x) }
    let last = plot.names.isEmpty ? max(xs.max() ?? 1, 1e-9) : Double(plot.names.count) - 0.5
    let first = plot.names.isEmpty ? 0 : -0.5
    func place(_ x: Double, _ y: Double) -> String {
      "\(number((x - first) / (last - first) * Self.width)),\(number((1 - min(max(y / plot.top, 0), 1)) * Self.height))"
    }
    var parts = [text(plot.title, x: 0, y: -10, #"font-weight="bold""#)]
    for y in plot.top == 1 ? [0, 0.25, 0.5, 0.75, 1] : Self.ticks(upTo: plot.top) {
      let row = (1 - y / plot.top) * Self.height
      parts.append(
        #"<line x1="0" y1="\#(number(row))" x2="\#(number(Self.width))" y2="\#(number(row))" stroke="currentColor" stroke-opacity="0.15"/>"#
      )
      let label = plot.top == 1 ? String(format: "%.2f", y) : Self.label(y)
      parts.append(text(label, x: -6, y: row + 4, #"text-anchor="end""#))
    }
    let ticks =
      plot.names.isEmpty
      ? Self.ticks(upTo: last).map { ($0, Self.label($0)) } : plot.names.enumerated().map { (Double($0), $1) }
    for (x, label) in ticks {
      let column = (x - first) / (last - first) * Self.width
      parts.append(text(label, x: column, y: Self.height + 15, #"text-anchor="middle""#))
    }
    parts.append(text(plot.xLabel, x: Self.width / 2, y: Self.height + 31, #"text-anchor="middle" fill-opacity="0.7""#))
    for line in plot.lines where !line.points.isEmpty {
      let colour = Self.colours[line.colour % Self.colours.count]
      if plot.names.isEmpty {
        let band =
          line.points.map { place($0.x, $0.high) } + line.points.reversed().map { place($0.x, $0.low) }
        parts.append(
          #"<polygon points="\#(band.joined(separator: " "))" fill="\#(colour)" fill-opacity="0.15"/>"#)
      } else {
        for point in line.points {
          let (low, high) = (
            place(point.x, point.low).split(separator: ","), place(point.x, point.high).split(separator: ",")
          )
          parts.append(
            #"<line x1="\#(low[0])" y1="\#(low[1])" x2="\#(high[0])" y2="\#(high[1])" stroke="\#(colour)" stroke-width="1.5"/>"#
          )
          let middle = place(point.x, point.y).split(separator: ",")
          parts.append(#"<circle cx="\#(middle[0])" cy="\#(middle[1])" r="3.5" fill="\#(colour)"/>"#)
        }
      }
      parts.append(
        #"<polyline points="\#(line.points.map { place($0.x, $0.y) }.joined(separator: " "))" fill="none" \#(stroke(line))/>"#
      )
    }
    return parts
  }

  private func stroke(_ line: Line) -> String {
    let dash = line.isDashed ? #" stroke-dasharray="5 3""# : ""
    return #"stroke="\#(Self.colours[line.colour % Self.colours.count])" stroke-width="1.8"\#(dash)"#
  }

  private func text(_ text: String, x: Double, y: Double, _ more: String = "") -> String {
    let escaped = text.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      default: String(character)
      }
    }
    return #"<text x="\#(number(x))" y="\#(number(y))" \#(more)>\#(escaped.joined())</text>"#
  }

  private func number(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    return rounded == rounded.rounded() ? "\(Int(nearest: rounded))" : "\(rounded)"
  }

  /// Four to eight round numbers from 0 on.
  static func ticks(upTo last: Double) -> [Double] {
    let rough = last / 5
    let power = pow(10, floor(log10(rough)))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
    return Array(stride(from: 0, through: last, by: step))
  }

  private static func label(_ value: Double) -> String {
    if value >= 10_000 { return "\(Int(nearest: value / 1000))k" }
    return value == value.rounded() ? "\(Int(nearest: value))" : String(format: "%g", value)
  }
}
