import Foundation
import Plots
import Status

/// The parts that pages are made of.
enum Sections {
  // MARK: The cluster

  static func head(_ status: ClusterStatus) -> HTML {
    let (cluster, run) = (status.cluster, status.run)
    return """
      <section id="head"><h1>\(.link(.run(run.name), run.name)) \(.badge(run.phase.rawValue, run.phase.rawValue)) \
      <span class="round">round \(run.round.grouped)</span></h1>
      <p class="lead">task \(run.task) · cluster \(cluster.name) · Grove \(cluster.version) · up \(cluster.uptime.asTime)</p></section>
      """
  }

  /// What is lost of runs, or can't be read.
  static func problems(_ records: [RunRecord]) -> HTML? {
    let items = records.flatMap { record in
      record.problems.map { "<li class=\"problem\"><strong>\(record.name)</strong>: \($0)</li>" as HTML }
    }
    return items.isEmpty ? nil : "<ul class=\"warnings\">\(items)</ul>"
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
    if let lessons = run.lessons { facts += self.lessons(lessons) }
    if run.humanQueue > 0 { facts.append(("for people", "\(.link(.desk, "\(run.humanQueue) waiting"))")) }
    if let left = run.secondsLeft, run.phase == .training { facts.append(("time left", "at most \(left.asTime)")) }
    let accuracy = run.accuracy.map { accuracy -> HTML in
      let rows = Subject.allCases.reversed().map { subject -> HTML in
        let value = subject.accuracy(accuracy.row)
        return """
          <div class="card measure \(subject.rawValue)"><span>\(subject.rawValue)</span> \(.accuracy(value))
          <meter min="0" max="1" value="\("\(value)")">\(value.threeDigits)</meter></div>
          """
      }
      return "<div class=\"cards\">\(rows)</div>"
    }
    return .section("run", "Now", "\(accuracy)\(.facts(facts))")
  }

  /// What became of amplified answers.
  private static func lessons(_ lessons: Lessons) -> [(String, HTML)] {
    guard let share = lessons.acceptedShare else { return [] }
    let reasons = lessons.refused.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.grouped)" }
    var facts: [(String, HTML)] = [("answers accepted as lessons", "\(share.threeDigits)")]
    if !reasons.isEmpty { facts.append(("not accepted, by reason", "\(reasons.joined(separator: ", "))")) }
    if let accuracy = lessons.accuracy { facts.append(("accepted ones that are right", "\(accuracy.threeDigits)")) }
    if let error = lessons.reliability.calibrationError {
      facts.append(("error of their calibration", "\(error.threeDigits)"))
    }
    return facts
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
    return .section("worker", "Now", .facts(facts))
  }

  static func events(_ events: [ClusterEvent]) -> HTML {
    let rows = events.reversed().map { event -> [HTML] in
      let time = event.time.formatted(.iso8601)
      let shown = time.replacing("T", with: " ").replacing("Z", with: "")
      return [
        "<time datetime=\"\(time)\">\(shown)</time>", "\(event.round.grouped)", "\(event.who)",
        "<span class=\"long\">\(event.what)</span>",
      ]
    }
    return .section(
      "events", "What happened",
      rows.isEmpty
        ? "<p>Nothing was noted.</p>"
        : .table("Newest first", ["time", "round", "who", "what"], numbers: [1], Array(rows)))
  }

  // MARK: A run

  static func curves(_ name: String, _ history: [MetricsLine], against: [Against] = [.steps]) -> HTML {
    let figures = against.flatMap { against in
      var plots = Figure.run(name, history, against: against)
      plots[0].title = "accuracy on held-out questions"
      return plots.map { figure($0, against) }
    }
    return .section("curves", "Learning curves", "<div class=\"figures\">\(figures)</div>")
  }

  /// A diagram with its title; a page's script says values under the pointer, in the unit of x.
  static func figure(_ plot: Figure.Plot, _ against: Against) -> HTML {
    var bare = plot
    bare.title = ""
    let title = plot.title.prefix(1).uppercased() + plot.title.dropFirst()
    return """
      <figure data-x="\(against.rawValue)"><figcaption>\(title)</figcaption>
      \(trusted: Figure(title: "", rows: [[bare]]).embeddedSVG)</figure>
      """
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

  /// Lines of a page's table; a file has all.
  private static let mostLines = 25

  private static func history(_ history: [MetricsLine]) -> HTML {
    let rows = history.suffix(mostLines).reversed().map { line -> [HTML] in
      [
        "\(line.round.grouped)", "\(line.steps.grouped)", "\(line.wallSeconds.asTime)", "\(line.elements)",
        .accuracy(line.accuracy.student), .accuracy(line.accuracy.teacher), .accuracy(line.accuracy.amplified),
        "\(line.loss.map(\.threeDigits) ?? "–")", "\(line.overseerLoss.map(\.threeDigits) ?? "–")",
        "\(line.humanDecompositions.grouped)", "\(line.amplifiedQuestions.grouped)",
      ]
    }
    let caption = history.count > mostLines ? "The newest \(mostLines) of \(history.count.grouped)" : "Newest first"
    return .folded(
      "history", "All measurements",
      .table(
        caption,
        [
          "round", "steps", "time", "elements", "student", "teacher", "amplified", "loss of X", "loss of H′",
          "human decompositions", "amplified questions",
        ], numbers: Set(0...10), Array(rows)))
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
    return .section("result", "Result", .facts(facts))
  }

  /// All that is kept of a run. - Parameter trees: a section with the newest ones.
  static func whole(_ record: RunRecord, against: [Against] = [.steps], trees: HTML?) -> [HTML] {
    let accuracy = record.result?.accuracy ?? record.history.last?.accuracy
    let nothing: HTML =
      record.result == nil ? "<p>Nothing was measured yet.</p>" : "<p>What was measured on the way is gone.</p>"
    let curves = record.history.isEmpty ? nothing : curves(record.name, record.history, against: against)
    return [
      """
      \(problems([record]))
      <div class="columns"><div>\(curves)</div><div>\(record.result.map(result))\(accuracy.map(classes))</div></div>
      <div class="columns even"><div>\(trees)</div><div>\(events(record.events))</div></div>
      \(record.history.isEmpty ? nil : history(record.history))
      """, .folded("configuration", "Configuration", "<pre>\(record.configuration)</pre>"),
    ]
  }

  static func newestTrees(_ trees: [KeptTree], of run: String, round: Int) -> HTML {
    let link = HTML.link(.trees(run: run, round: round, kind: nil, wrongOnly: false), "All of round \(round.grouped)")
    return .section("trees", "Amplified questions", "\(Trees.table(trees.prefix(8), of: run))<p>\(link)</p>")
  }
}
