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
    /// Which pattern of dashes; 0: it is drawn through.
    public var dash: Int
    /// Which mark its points have; nil: none, unless there is but one.
    public var mark: Int?
    public var points: [Point]

    public init(label: String, colour: Int, isDashed: Bool = false, points: [Point]) {
      self.label = label
      self.colour = colour
      dash = isDashed ? 1 : 0
      self.points = points
    }

    /// A line that is told from those of other styles by its colour, its dashes and its marks.
    public init(label: String, style: Int, points: [Point]) {
      self.init(label: label, colour: style, points: points)
      (dash, mark) = (style, style)
    }
  }

  /// One plot; y runs from 0 to `top`.
  public struct Plot: Sendable {
    public var title: String
    public var xLabel: String
    /// What y is, with its unit; empty: the title says it.
    public var yLabel: String
    public var lines: [Line]
    /// Names of x = 0, 1, 2, …; empty where x is a number. Points with names are marked, with a bar for their range.
    public var names: [String]
    public var top: Double
    /// Whether a value holds until the next point, and the axis begins at the first one instead of at 0.
    public var isStepped = false

    public init(
      title: String, xLabel: String, yLabel: String = "", lines: [Line], names: [String] = [], top: Double = 1
    ) {
      self.title = title
      self.xLabel = xLabel
      self.yLabel = yLabel
      self.lines = lines
      self.names = names
      self.top = top
    }

    /// Learning curves.
    public init(title: String, against: Against, yLabel: String, lines: [Line], top: Double = 1) {
      self.init(title: title, xLabel: against.label, yLabel: yLabel, lines: lines, top: top)
      isStepped = against.isStepped
    }
  }

  public var title: String
  public var rows: [[Plot]]
  /// Of the area in a plot's axes.
  public var plotSize = (width: 330.0, height: 190.0)

  public init(title: String, rows: [[Plot]]) {
    self.title = title
    self.rows = rows
  }

  /// The figure as a file of its own: black on white. Text stays text; what is in it is escaped.
  public var svg: String { Drawing(self).svg(embedded: false) }

  /// The figure as a part of a page, in the page's colours and as wide as there is room.
  public var embeddedSVG: String { Drawing(self).svg(embedded: true) }
}
