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
    if history.count > 1 { lines += Chart(history).lines(colours: colours) + [""] }
    lines += accuracyTable(result.accuracy, colours: colours) + [""]
    lines += [
      "  \(result.rounds.grouped) rounds, \(result.steps.grouped) steps in \(result.wallSeconds.asTime) with \(result.workers) workers",
      "  \(result.humanDecompositions.grouped) human decompositions, \(result.amplifiedQuestions.grouped) amplified questions, \(result.subQuestions.grouped) sub-questions",
      "  weights \(result.weightsSHA256.prefix(16))…",
    ]
    return lines.joined(separator: "\n")
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
    let head = "\(status.cluster.name) · up \(status.cluster.uptime.asTime) · run \(status.run.name)"
    let dashboard = status.cluster.dashboard.map { ["  \(Terminal.dim("dashboard", colours)) \($0)"] } ?? []
    return [Terminal.bold(head, colours)] + dashboard + [""] + run(status.run, colours: colours) + [""]
      + (status.workers.isEmpty ? [] : table.lines(colours: colours) + [""])
      + status.warnings.flatMap { warning in
        [
          "  \(Terminal.coloured("▲ \(warning.what)", warning.severity == .problem ? red : yellow, colours))",
          "    \(warning.remedy)",
        ]
      }
  }

  static func run(_ run: RunStatus, colours: Bool) -> [String] {
    let colour = run.phase == .waiting || run.phase == .asking ? yellow : green
    var pace = ["round \(run.round.grouped) of at most \(run.rounds.grouped)"]
    if run.roundsPerSecond > 0 { pace.append(String(format: "%.1f rounds/s", run.roundsPerSecond)) }
    if let left = run.secondsLeft, run.phase == .training { pace.append("at most \(left.asTime) left") }
    var work = [
      "\(run.steps.grouped) steps", "\(run.elements) elements",
      "\(run.humanDecompositions.grouped) human decompositions",
    ]
    if run.humanQueue > 0 { work.append("\(run.humanQueue) wait\(run.humanQueue == 1 ? "s" : "") for people") }
    var lines = [
      "  \(Terminal.coloured(run.phase.rawValue, colour, colours)) · \(pace.joined(separator: " · "))",
      "  \(work.joined(separator: " · "))",
    ]
    if let accuracy = run.accuracy {
      for (name, value, colour) in [
        ("amplified", \Accuracy.Row.amplified, green), ("student", \.student, cyan), ("teacher", \.teacher, yellow),
      ] {
        let line = sparkline(run.recent.map { $0[keyPath: value] })
        lines.append(
          "  \(name.padding(to: 10)) \(accuracy.row[keyPath: value].threeDigits)  \(Terminal.coloured(line, colour, colours))"
        )
      }
    }
    return lines
  }

  /// Values from 0 to 1 as blocks of a height, the newest last.
  static func sparkline(_ values: [Double]) -> String {
    let blocks = Array("▁▂▃▄▅▆▇█")
    return String(values.map { blocks[Int((min(max($0, 0), 1) * Double(blocks.count - 1)).rounded())] })
  }
}

extension String {
  func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

/// The learning curve, drawn with letters: a for amplified, s for student, t for teacher.
struct Chart {
  private static let width = 64
  private static let height = 12
  private let history: [MetricsLine]

  init(_ history: [MetricsLine]) {
    self.history = history
  }

  func lines(colours: Bool) -> [String] {
    var grid = [[Character]](repeating: [Character](repeating: " ", count: Self.width), count: Self.height + 1)
    let first = history[0].steps
    let span = Double(max(1, history[history.count - 1].steps - first))
    // Later letters are drawn over earlier ones: the teacher trails, so it goes first.
    for (letter, value) in [("t", \Accuracy.teacher), ("s", \Accuracy.student), ("a", \Accuracy.amplified)] {
      for column in 0..<Self.width {
        let step = Double(first) + span * Double(column) / Double(Self.width - 1)
        guard let line = history.last(where: { Double($0.steps) <= step }) else { continue }
        let row = Self.height - Int((line.accuracy[keyPath: value] * Double(Self.height)).rounded())
        grid[row][column] = Character(letter)
      }
    }
    var lines = grid.enumerated().map { row, cells in
      let label = row.isMultiple(of: 3) ? String(format: "%4.2f", 1 - Double(row) / Double(Self.height)) : "    "
      let body = cells.map { cell -> String in
        switch cell {
        case "a": Terminal.coloured("a", 32, colours)
        case "s": Terminal.coloured("s", 36, colours)
        case "t": Terminal.coloured("t", 33, colours)
        default: " "
        }
      }
      return "  \(label) │\(body.joined())"
    }
    let last = "\(history[history.count - 1].steps.grouped) steps"
    lines.append("       └" + String(repeating: "─", count: Self.width))
    lines.append("        " + "\(first.grouped)".padding(to: Self.width - last.count) + last)
    lines.append("        accuracy on held-out questions:  a amplified   s student   t teacher")
    return lines
  }
}
