import Status

/// How a run goes, in as many lines and columns as a window has: what matters least is left out first.
struct RunView {
  let title: String
  let status: ClusterStatus
  /// What was measured, for the curve.
  var history: [MetricsLine] = []
  /// What was said of late, the newest last.
  var said: [String] = []
  let colours: Bool

  /// - Returns: at most as many lines as there are rows, none wider than the window.
  func lines(in window: WindowSize) -> [String] {
    var left = window.rows
    func claim(_ variants: [String]...) -> [String] {
      let lines = variants.first { $0.count <= left } ?? []
      left -= lines.count
      return lines
    }
    // In the order in which they matter.
    let state = claim([TextReport.state(status.run, colours: colours)])
    let heading = claim([Terminal.bold(title, colours)])
    let addresses = claim(TextReport.addresses(status, colours: colours))
    let warnings = claim(warnings(in: window))
    let curves = TextReport.accuracy(status.run, colours: colours)
    let accuracy = claim(curves, Array(curves.prefix(1)))
    let work = claim([TextReport.work(status.run)])
    let said = claim(self.said.suffix(2), self.said.suffix(1)).map { Terminal.dim("  \($0.harmless)", colours) }
    let workers = claim(workers(in: WindowSize(columns: window.columns, rows: min(left, max(3, window.rows / 2)))))

    var sections = [heading, addresses + state + work + accuracy, workers, warnings, said].filter { !$0.isEmpty }
    let gaps = sections.count - 1
    let isSpaced = left >= gaps
    if isSpaced { left -= gaps }
    let chart = history.count < 2 ? [] : chart(in: window, lines: left - (isSpaced ? 1 : 0))
    if !chart.isEmpty { sections.insert(chart, at: 1) }
    return sections.joined(separator: isSpaced ? [""] : []).map { $0.cut(to: window.columns) }
  }

  // MARK: Parts

  private func chart(in window: WindowSize, lines: Int) -> [String] {
    Chart(history).lines(
      height: min(lines - Chart.frame, Chart.usualHeight), columns: min(window.columns, Self.widest), colours: colours)
  }

  /// A wider curve shows no more.
  private static let widest = 108

  /// Of those that matter less, only what is wrong, where there is no room for what to do about it; half of the window at most.
  private func warnings(in window: WindowSize) -> [String] {
    let most = max(1, window.rows / 2)
    for isLong in [true, false] {
      let lines = status.warnings.flatMap {
        TextReport.warning($0, remedied: isLong, columns: window.columns, colours: colours)
      }
      if lines.count <= most { return lines }
    }
    let all = status.warnings.map { TextReport.warning($0, remedied: false, columns: .max, colours: colours) }
    return all.prefix(most - 1).joined() + ["  … and \(all.count - most + 1) more warnings"]
  }

  private func workers(in window: WindowSize) -> [String] {
    let lines = TextReport.workers(status).fitting(window.columns, without: TextReport.dispensable)
      .lines(colours: colours)
    guard lines.count > window.rows else { return status.workers.isEmpty ? [] : lines }
    guard window.rows > 2 else { return [] }
    return lines.prefix(window.rows - 1) + ["  … and \(lines.count - window.rows + 1) more"]
  }
}
