import Foundation
import Plots
import Status

/// The parts that pages are made of.
enum Sections {
  // MARK: The cluster

  static func head(_ status: ClusterStatus) -> HTML {
    """
    <section id="head"><h1>\(status.cluster.name)</h1>
    <p>run \(.link(.run(status.run.name), status.run.name)) · task \(status.run.task) · Grove \(status.cluster.version) · \
    up \(status.cluster.uptime.asTime)</p></section>
    """
  }

  static func warnings(_ warnings: [Warning]) -> HTML {
    let items = warnings.map { warning -> HTML in
      "<li class=\"\(warning.severity.rawValue)\"><strong>\(warning.what)</strong><br>\(warning.remedy)</li>"
    }
    return "<section id=\"warnings\">\(items.isEmpty ? nil : "<ul class=\"warnings\">\(items)</ul>")</section>"
  }

  static func run(_ run: RunStatus) -> HTML {
    var facts: [(String, HTML)] = [
      ("phase", "<span class=\"phase \(run.phase.rawValue)\">\(run.phase.rawValue)</span>"),
      ("round", "\(run.round.grouped) of at most \(run.rounds.grouped)"),
      ("steps", "\(run.steps.grouped)"), ("elements", "\(run.elements)"),
      ("human decompositions", "\(run.humanDecompositions.grouped)"),
      ("amplified questions", "\(run.amplifiedQuestions.grouped)"),
      ("rounds a second", "\(String(format: "%.2f", run.roundsPerSecond))"),
    ]
    if run.humanQueue > 0 { facts.append(("for people", "\(.link(.desk, "\(run.humanQueue) waiting"))")) }
    if let left = run.secondsLeft, run.phase == .training { facts.append(("time left", "at most \(left.asTime)")) }
    let accuracy = run.accuracy.map { accuracy -> HTML in
      let rows = Subject.allCases.reversed().map { subject -> HTML in
        let value = subject.accuracy(accuracy.row)
        return """
          <div class="measure \(subject.rawValue)"><span>\(subject.rawValue)</span> \(.accuracy(value))
          <meter min="0" max="1" value="\("\(value)")">\(value.threeDigits)</meter></div>
          """
      }
      return "<div class=\"measures\">\(rows)</div>"
    }
    return .section("run", "Run", "\(accuracy)<dl>\(facts.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" })</dl>")
  }

  static func workers(_ workers: [WorkerStatus]) -> HTML {
    let rows = workers.map { worker -> [HTML] in
      [
        .link(.worker(worker.id), worker.id), state(worker), "\(worker.work)", "\(worker.host)",
        "\(worker.modelVersion.grouped)", "\(Int(nearest: worker.questionsPerSecond).grouped)",
        "\(Int(nearest: worker.gradientsPerSecond).grouped)", "\(worker.shardsDone.grouped)",
        "\((worker.residentBytes >> 20).grouped) MiB", "\(worker.lastSeenMilliseconds.grouped) ms ago",
      ]
    }
    let questions = workers.reduce(0) { $0 + $1.questionsPerSecond }
    let gradients = workers.reduce(0) { $0 + $1.gradientsPerSecond }
    return .section(
      "workers", "Workers",
      rows.isEmpty
        ? "<p>There is none.</p>"
        : .table(
          "\(workers.count) workers: \(Int(nearest: questions).grouped) questions and \(Int(nearest: gradients).grouped) gradients a second",
          [
            "worker", "state", "at work on", "host", "models after round", "questions/s", "gradients/s", "units",
            "memory", "heard",
          ], numbers: [4, 5, 6, 7, 8, 9], rows))
  }

  private static func state(_ worker: WorkerStatus) -> HTML {
    "<span class=\"state \(worker.state)\">\(worker.state)\(worker.isSlow ? ", slow" : nil)</span>"
  }

  static func worker(_ worker: WorkerStatus) -> HTML {
    let facts: [(String, HTML)] = [
      ("state", state(worker)), ("at work on", "\(worker.work)"), ("host", "\(worker.host)"),
      ("process", "\(worker.pid)"), ("models after round", "\(worker.modelVersion.grouped)"),
      ("questions/s", "\(Int(nearest: worker.questionsPerSecond).grouped)"),
      ("gradients/s", "\(Int(nearest: worker.gradientsPerSecond).grouped)"),
      ("units done", "\(worker.shardsDone.grouped)"),
      ("memory", "\((worker.residentBytes >> 20).grouped) MiB"),
      ("heard", "\(worker.lastSeenMilliseconds.grouped) ms ago"),
    ]
    return .section("worker", "Now", "<dl>\(facts.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" })</dl>")
  }

  static func events(_ events: [ClusterEvent]) -> HTML {
    let rows = events.reversed().map { event -> [HTML] in
      let time = event.time.formatted(.iso8601)
      return ["<time datetime=\"\(time)\">\(time)</time>", "\(event.round.grouped)", "\(event.who)", "\(event.what)"]
    }
    return .section(
      "events", "What happened",
      rows.isEmpty
        ? "<p>Nothing was noted.</p>"
        : .table("Newest first", ["time", "round", "who", "what"], numbers: [1], Array(rows)))
  }

  // MARK: A run

  static func curves(_ name: String, _ history: [MetricsLine], against: [Against] = [.steps]) -> HTML {
    let rows = against.map { Figure.run(name, history, against: $0) }
    let figures = rows.flatMap { row in
      row.map { plot -> HTML in
        "<figure>\(trusted: Figure(title: "", rows: [[plot]]).embeddedSVG)</figure>"
      }
    }
    return .section("curves", "Learning curves", "<div class=\"figures\">\(figures)</div>")
  }

  static func classes(_ accuracy: Accuracy) -> HTML {
    let rows = [("all questions", accuracy.row)] + accuracy.classes.map { ($0.name, $0.accuracy) }
    return .section(
      "classes", "By class of question",
      .table(
        "Accuracy on held-out questions, as last measured", ["class", "student", "teacher", "amplified"],
        numbers: [1, 2, 3],
        rows.map { name, row in
          ["\(name)", .accuracy(row.student), .accuracy(row.teacher), .accuracy(row.amplified)]
        }))
  }

  private static func history(_ history: [MetricsLine]) -> HTML {
    let rows = history.reversed().map { line -> [HTML] in
      [
        "\(line.round.grouped)", "\(line.steps.grouped)", "\(line.wallSeconds.asTime)", "\(line.elements)",
        .accuracy(line.accuracy.student), .accuracy(line.accuracy.teacher), .accuracy(line.accuracy.amplified),
        "\(line.loss.map(\.threeDigits) ?? "–")", "\(line.overseerLoss.map(\.threeDigits) ?? "–")",
        "\(line.humanDecompositions.grouped)", "\(line.amplifiedQuestions.grouped)",
      ]
    }
    return .section(
      "history", "All measurements",
      """
      <details><summary>\(history.count) measurements</summary>
      \(.table(
        "Newest first",
        [
          "round", "steps", "time", "elements", "student", "teacher", "amplified", "loss of X", "loss of H′",
          "human decompositions", "amplified questions",
        ], numbers: Set(0...10), Array(rows)))</details>
      """)
  }

  private static func result(_ result: RunResult) -> HTML {
    let facts: [(String, HTML)] = [
      ("rounds", "\(result.rounds.grouped)"), ("steps", "\(result.steps.grouped)"),
      ("time", "\(result.wallSeconds.asTime)"), ("workers", "\(result.workers)"), ("seed", "\("\(result.seed)")"),
      ("human decompositions", "\(result.humanDecompositions.grouped)"),
      ("amplified questions", "\(result.amplifiedQuestions.grouped)"),
      ("sub-questions", "\(result.subQuestions.grouped)"), ("of them from memory", "\(result.memoHits.grouped)"),
      ("weights", "<code>\(String(result.weightsSHA256.prefix(16)))…</code>"),
    ]
    return .section("result", "Result", "<dl>\(facts.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" })</dl>")
  }

  /// All that is kept of a run but its trees.
  static func whole(_ record: RunRecord, against: [Against] = [.steps]) -> [HTML] {
    var sections: [HTML] = []
    if let result = record.result { sections.append(self.result(result)) }
    if !record.problems.isEmpty {
      let problems = record.problems.map { problem -> HTML in "<li>\(problem)</li>" }
      sections.append(.section("problems", "What is missing", "<ul>\(problems)</ul>"))
    }
    if record.history.isEmpty {
      sections.append(
        record.result == nil ? "<p>Nothing was measured yet.</p>" : "<p>What was measured on the way is gone.</p>")
    } else {
      sections.append(curves(record.name, record.history, against: against))
      if let accuracy = record.result?.accuracy ?? record.history.last?.accuracy { sections.append(classes(accuracy)) }
      sections.append(history(record.history))
    }
    sections.append(events(record.events))
    sections.append(.section("configuration", "Configuration", "<pre>\(record.configuration)</pre>"))
    return sections
  }

  static func newestTrees(_ trees: [KeptTree], of run: String, round: Int) -> HTML {
    let link = HTML.link(.trees(run: run, round: round, kind: nil, wrongOnly: false), "All of round \(round.grouped)")
    return .section("trees", "Amplified questions", "\(Trees.table(trees.prefix(8), of: run))<p>\(link)</p>")
  }
}
