import Status

extension Figure {
  /// A run with what was measured of it, oldest first.
  public typealias Measured = (name: String, history: [MetricsLine])

  /// Curves of several runs over each other: a plot for each quantity, in each of them a line for each run.
  ///
  /// Runs are told apart by colour, dash and mark. One that has not measured a quantity has no points there: see
  /// ``unmeasured(_:y:)``.
  public static func overlay(
    _ runs: [Measured], x: Against = .steps, y quantities: [Quantity] = [.accuracy], title: String = ""
  ) -> Figure {
    let plots = quantities.map { quantity in
      let lines = runs.enumerated().map { index, run in
        Line(label: run.name, style: index, points: points(run.history, x: x, y: quantity))
      }
      let most = lines.flatMap { $0.points.map(\.y) }.max() ?? 0
      return Plot(
        title: quantity.title, against: x, yLabel: quantity.label, lines: lines,
        top: quantity.isShare ? 1 : most > 0 ? 1.05 * most : 1)
    }
    let columns = plots.count > 4 ? 3 : 2
    var figure = Figure(
      title: title,
      rows: stride(from: 0, to: plots.count, by: columns).map { Array(plots[$0..<min($0 + columns, plots.count)]) })
    if plots.count == 1 { figure.plotSize = (560, 300) }
    return figure
  }

  /// The names of those runs that have not measured one of the quantities, with which.
  public static func unmeasured(_ runs: [Measured], y quantities: [Quantity]) -> [(name: String, quantity: Quantity)] {
    runs.flatMap { run in
      quantities.filter { points(run.history, x: .steps, y: $0).isEmpty }.map { (run.name, $0) }
    }
  }

  private static func points(_ history: [MetricsLine], x: Against, y: Quantity) -> [Line.Point] {
    let measured = zip(history, [nil] + history).compactMap { line, before in
      y.value(line, after: before).map { Line.Point(x: x.value(line), y: $0, low: $0, high: $0) }
    }
    guard x.isStepped else { return thinned(measured) }
    // Of what was measured while that number stayed the same, the last is what it led to.
    return thinned(zip(measured, measured.dropFirst().map(\.x) + [.infinity]).filter { $0.x != $1 }.map(\.0))
  }
}
