import Foundation
import Status

/// A plot as SVG: its axes, and its lines with the ranges about them.
struct PlotDrawing {
  private let plot: Figure.Plot
  private let size: (width: Double, height: Double)
  /// The ends of the x-axis.
  private let first, last: Double

  /// Points of a line that are marked, at most.
  private static let mostMarks = 25

  init(_ plot: Figure.Plot, _ size: (width: Double, height: Double)) {
    (self.plot, self.size) = (plot, size)
    let xs = plot.lines.flatMap { $0.points.map(\.x) }
    let (low, high) = (xs.min() ?? 0, xs.max() ?? 1)
    if !plot.names.isEmpty {
      (first, last) = (-0.5, Double(plot.names.count) - 0.5)
    } else if plot.isStepped {
      // Where there is but one x, it is in the middle.
      (first, last) = low < high ? (low, high) : (low - 1, low + 1)
    } else {
      (first, last) = (0, max(high, 1e-9))
    }
  }

  var parts: [String] {
    let lines = plot.lines.filter { !$0.points.isEmpty }
    let nothing = text(
      "nothing was measured", x: size.width / 2, y: size.height / 2, #"text-anchor="middle" fill-opacity="0.7""#)
    let title = plot.title.isEmpty ? [] : [text(plot.title, x: 0, y: -10, #"font-weight="bold""#)]
    return title + yAxis + xAxis + (lines.isEmpty ? [nothing] : framed(lines.flatMap(draw)))
  }

  /// What a page's script reads off places in a plot: first and last x, and the greatest y.
  var values: String { plot.names.isEmpty ? #" data-values="\#(first) \#(last) \#(plot.top)""# : "" }

  /// A part of its own, of which a page can show less, larger.
  private func framed(_ lines: [String]) -> [String] {
    let size = #"width="\#(number(size.width))" height="\#(number(size.height))""#
    let whole = #"viewBox="0 0 \#(number(self.size.width)) \#(number(self.size.height))" preserveAspectRatio="none""#
    return [#"<svg class="lines" \#(size) \#(whole) overflow="visible">"#, #"<rect \#(size) fill-opacity="0"/>"#]
      + lines + ["</svg>"]
  }

  // MARK: Axes

  private func column(_ x: Double) -> Double { (x - first) / (last - first) * size.width }
  private func row(_ y: Double) -> Double { (1 - min(max(y / plot.top, 0), 1)) * size.height }

  private var yAxis: [String] {
    let isShare = plot.top == 1
    let ticks = isShare ? [0, 0.25, 0.5, 0.75, 1] : Self.ticks(upTo: plot.top)
    let lines = ticks.flatMap { y -> [String] in
      let height = number(row(y))
      return [
        #"<line x1="0" y1="\#(height)" x2="\#(number(size.width))" y2="\#(height)" stroke="currentColor" stroke-opacity="0.15"/>"#,
        text(
          isShare ? String(format: "%.2f", y) : Self.label(y), x: -6, y: row(y) + 4, #"text-anchor="end" class="y""#),
      ]
    }
    guard !plot.yLabel.isEmpty else { return lines }
    let (x, y) = (-54.0, size.height / 2)
    let turned = #"text-anchor="middle" fill-opacity="0.7" transform="rotate(-90 \#(number(x)) \#(number(y)))""#
    return lines + [text(plot.yLabel, x: x, y: y, turned)]
  }

  private var xAxis: [String] {
    let ticks =
      plot.names.isEmpty
      ? Self.ticks(from: first, upTo: last).map { ($0, Self.label($0)) }
      : plot.names.enumerated().map { (Double($0), $1) }
    let labels = ticks.map { x, label in
      let (x, y) = (column(x), size.height + 15)
      guard isSlanted else { return text(label, x: x, y: y, #"text-anchor="middle" class="x""#) }
      let turn = #"transform="rotate(-\#(Self.slant) \#(number(x)) \#(number(y)))""#
      return text(label, x: x, y: y, #"text-anchor="end" class="x" \#(turn)"#)
    }
    return labels + [
      text(
        plot.xLabel, x: size.width / 2, y: size.height + namesDepth + 31, #"text-anchor="middle" fill-opacity="0.7""#)
    ]
  }

  /// Degrees by which names are turned that would lie over each other.
  private static let slant = 40
  private var longestName: Double { plot.names.map { 6.6 * Double($0.count) }.max() ?? 0 }
  private var isSlanted: Bool { longestName > size.width / Double(max(1, plot.names.count)) }
  /// Room that names need below the plot, beside that of numbers.
  var namesDepth: Double { isSlanted ? longestName * sin(Double(Self.slant) / 180 * .pi) : 0 }

  // MARK: Lines

  private func place(_ x: Double, _ y: Double) -> String { "\(number(column(x))),\(number(row(y)))" }

  private func draw(_ line: Figure.Line) -> [String] {
    let path = path(line.points, \.y)
    return range(line) + [
      #"<polyline points="\#(path.joined(separator: " "))" fill="none" \#(line.stroke)><title>\#(escaped(line.label))</title></polyline>"#
    ] + marks(line)
  }

  /// Through the points; where values hold until the next, by way of the corners.
  private func path(_ points: [Figure.Line.Point], _ y: KeyPath<Figure.Line.Point, Double>) -> [String] {
    points.indices.flatMap { index -> [String] in
      let here = place(points[index].x, points[index][keyPath: y])
      guard plot.isStepped, index > 0 else { return [here] }
      return [place(points[index].x, points[index - 1][keyPath: y]), here]
    }
  }

  /// Least and most: a band about a line, a bar through a point.
  private func range(_ line: Figure.Line) -> [String] {
    guard plot.names.isEmpty, line.points.count > 1 else {
      return line.points.filter { $0.low < $0.high }.map { point in
        let (x, low, high) = (number(column(point.x)), number(row(point.low)), number(row(point.high)))
        return #"<line x1="\#(x)" y1="\#(low)" x2="\#(x)" y2="\#(high)" stroke="\#(line.ink)" stroke-width="1.5"/>"#
      }
    }
    guard line.points.contains(where: { $0.low < $0.high }) else { return [] }
    let band = path(line.points, \.high) + path(line.points, \.low).reversed()
    return [#"<polygon points="\#(band.joined(separator: " "))" fill="\#(line.ink)" fill-opacity="0.15"/>"#]
  }

  private func marks(_ line: Figure.Line) -> [String] {
    let isMarked = line.mark != nil || line.points.count == 1 || !plot.names.isEmpty
    guard isMarked else { return [] }
    let stride = (line.points.count + Self.mostMarks - 1) / Self.mostMarks
    let mark = Mark(line.mark ?? 0)
    return line.points.indices.filter { $0 % stride == 0 || $0 == line.points.count - 1 }.map { index in
      mark.svg(x: column(line.points[index].x), y: row(line.points[index].y), colour: line.ink)
    }
  }

  // MARK: Numbers

  /// Two to eight round numbers.
  static func ticks(from first: Double = 0, upTo last: Double) -> [Double] {
    let rough = (last - first) / 5
    let power = pow(10, floor(log10(rough)))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
    return Array(stride(from: (first / step).rounded(.up) * step, through: last, by: step))
  }

  private static func label(_ value: Double) -> String {
    if value >= 10_000 { return String(format: "%gk", value / 1000) }
    return String(format: "%g", value)
  }
}
