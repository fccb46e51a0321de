import Status

/// Results and states as text for people.
enum TextReport {
  private static let green = 32
  private static let yellow = 33
  private static let red = 31
  private static let cyan = 36

  // MARK: A result

  static func text(_ result: RunResult, history: [MetricsLine], colours: Bool) -> String {
    var lines = [Terminal.bold("\(result.name) is finished", colours), ""]
    if history.count > 1 { lines += chart(history, colours: colours) + [""] }
    lines += accuracyTable(result.accuracy, colours: colours) + [""]
    lines += [
      "  \(result.rounds.grouped) rounds, \(result.steps.grouped) steps in \(result.wallSeconds.asTime) with \(result.workers) workers",
      "  \(result.humanDecompositions.grouped) human decompositions, \(result.amplifiedQuestions.grouped) amplified questions, \(result.subQuestions.grouped) sub-questions",
      "  weights \(result.weightsSHA256.prefix(16))…",
    ]
    return lines.joined(separator: "\n")
  }

  private static func chart(_ history: [MetricsLine], colours: Bool) -> [String] {
    guard Terminal.isInteractive else { return Chart(history).lines(colours: colours) }
    return Chart(history).lines(columns: min(WindowSize.present.columns, 80), colours: colours)
  }

  static func accuracyTable(_ accuracy: Accuracy, colours: Bool) -> [String] {
    var table = Table(["held-out accuracy", "student", "teacher", "amplified"], rightAligned: [1, 2, 3])
    table.add([
      "all questions", accuracy.student.threeDigits, accuracy.teacher.threeDigits, accuracy.amplified.threeDigits,
    ])
    for (name, row) in accuracy.classes {
      table.add(["  \(name)", row.student.threeDigits, row.teacher.threeDigits, row.amplified.threeDigits])
    }
    return table.lines(colours: colours)
  }

  // MARK: A run under way

  static func lines(_ status: ClusterStatus, colours: Bool) -> [String] {
    let head = "\(status.cluster.name) · up \(status.cluster.uptime.asTime) · run \(status.run.name)"
    return [Terminal.bold(head, colours)] + addresses(status, colours: colours) + [""]
      + [state(status.run, colours: colours), work(status.run)] + accuracy(status.run, colours: colours) + [""]
      + (status.workers.isEmpty ? [] : workers(status).lines(colours: colours) + [""])
      + status.warnings.flatMap { warning($0, colours: colours) }
  }

  /// Where people look and decide.
  static func addresses(_ status: ClusterStatus, colours: Bool) -> [String] {
    status.cluster.dashboard.map { ["  \(Terminal.dim("dashboard", colours)) \($0)"] } ?? []
  }

  /// `training · round 12 of at most 80 · …`
  static func state(_ run: RunStatus, colours: Bool) -> String {
    let colour = run.phase == .waiting || run.phase == .asking ? yellow : green
    var pace = ["round \(run.round.grouped) of at most \(run.rounds.grouped)"]
    if run.roundsPerSecond > 0 { pace.append(String(format: "%.1f rounds/s", run.roundsPerSecond)) }
    if let left = run.secondsLeft, run.phase == .training { pace.append("at most \(left.asTime) left") }
    return "  \(Terminal.coloured(run.phase.rawValue, colour, colours)) · \(pace.joined(separator: " · "))"
  }

  /// What has been done so far.
  static func work(_ run: RunStatus) -> String {
    var work = [
      "\(run.steps.grouped) steps", "\(run.elements) elements",
      "\(run.humanDecompositions.grouped) human decompositions",
    ]
    if let lessons = run.lessons, let share = lessons.acceptedShare, share < 1 {
      let right = lessons.accuracy.map { ", \($0.threeDigits) of them right" } ?? ""
      work.append("\(share.threeDigits) of answers accepted\(right)")
    }
    if run.humanQueue > 0 { work.append("\(run.humanQueue) wait\(run.humanQueue == 1 ? "s" : "") for people") }
    return "  \(work.joined(separator: " · "))"
  }

  /// The newest values, each with those before it.
  static func accuracy(_ run: RunStatus, colours: Bool) -> [String] {
    guard let accuracy = run.accuracy else { return [] }
    return [
      ("amplified", \Accuracy.Row.amplified, green), ("student", \.student, cyan), ("teacher", \.teacher, yellow),
    ]
    .map { name, value, colour in
      let line = Terminal.coloured(sparkline(run.recent.map { $0[keyPath: value] }), colour, colours)
      return "  \(name.padding(to: 10)) \(accuracy.row[keyPath: value].threeDigits)  \(line)"
    }
  }

  static func workers(_ status: ClusterStatus) -> Table {
    var table = Table(
      ["worker", "state", "host", "round", "quest/s", "grad/s", "memory", "heard", "at work on"],
      rightAligned: [3, 4, 5, 6, 7])
    for worker in status.workers {
      table.add([
        worker.id, worker.state + (worker.isSlow ? ", slow" : ""), worker.host, "\(worker.modelVersion)",
        Int(nearest: worker.questionsPerSecond).grouped, Int(nearest: worker.gradientsPerSecond).grouped,
        "\(worker.residentBytes >> 20) MiB", "\(worker.lastSeenMilliseconds) ms", worker.work,
      ])
    }
    return table
  }

  /// Columns of the table of workers that can be left out: host, heard, memory, rates, round, work.
  static let dispensable = [2, 7, 6, 5, 4, 3, 8]

  /// - Parameter remedied: whether with what to do about it.
  static func warning(
    _ warning: Warning, remedied: Bool = true, columns: Int = .max, colours: Bool
  ) -> [String] {
    let colour = warning.severity == .problem ? red : yellow
    return "▲ \(warning.what)".harmless.wrapped(to: columns, indent: 2).map { Terminal.coloured($0, colour, colours) }
      + (remedied ? warning.remedy.harmless.wrapped(to: columns, indent: 4) : [])
  }

  /// Values from 0 to 1 as blocks of a height, the newest last.
  static func sparkline(_ values: [Double]) -> String {
    let blocks = Array("▁▂▃▄▅▆▇█")
    return String(values.map { blocks[Int((min(max($0, 0), 1) * Double(blocks.count - 1)).rounded())] })
  }
}

extension String {
  package func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
