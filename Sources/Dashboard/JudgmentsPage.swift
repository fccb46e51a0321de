import Foundation
import Oversight

/// What people judged: a person's own judgments, and those in which two disagree.
enum JudgmentsPage {
  /// - Parameter lines: the newest first.
  static func mine(_ lines: [Ledger.Line], of person: String, in run: String) -> Page {
    let rows = lines.map { line -> [HTML] in
      [
        name(line), time(line), "<code>\(line.question)</code>", "<code>\(line.decision)</code>", steps(line),
        "\(line.standing) \(takeBack(line))",
      ]
    }
    return Page(
      title: "Judgments of \(person)",
      main: """
        <h1>Judgments of \(person) in \(.link(.run(run), run))</h1>
        <p><a href="/desk">To the desk</a> · <a href="/desk/disagreements?run=\(run)">Where two disagree</a></p>
        \(rows.isEmpty ? "<p>You have decided nothing yet.</p>" : .table(
          "The newest first", ["question", "time", "asked", "decided", "after", "state"], rows))
        """)
  }

  static func disagreements(_ ledger: Ledger) -> Page {
    let kappa: HTML? = ledger.kappa.map { " κ = <data value=\"\("\($0)")\">\($0.threeDigits)</data>" }
    let sections = ledger.disagreements.map { disagreement -> HTML in
      let without: HTML =
        disagreement.kappaWithout.map { "without this question, κ would be \($0.threeDigits)" }
        ?? "without this question, there would be no κ"
      return .section(
        disagreement.id, "\(disagreement.id): \(disagreement.question)",
        """
        <p>\(disagreement.alike) of \(disagreement.decisions) decisions alike, then <code>\(disagreement.first)</code> against \
        <code>\(disagreement.second)</code>; \(without).</p>
        <div class="tree">\(disagreement.judgments.map(side))</div>
        """)
    }
    return Page(
      title: "Where two disagree",
      main: """
        <h1>Where two disagree in \(.link(.run(ledger.run), ledger.run))</h1>
        <p>Cohen’s\(kappa ?? " κ is not known yet") over \(ledger.compared) decisions that two took after hearing the same: 1 is \
        the same always, 0 as often as by chance. The first judgment counts.</p>
        \(sections.isEmpty ? ["<p>Nowhere, so far.</p>"] : sections)
        """)
  }

  private static func side(_ line: Ledger.Line) -> HTML {
    let steps = line.steps.map { "<li>\($0)</li>" as HTML }
    return """
      <div><h3>\(line.person) <small>\(line.standing)</small></h3>
      \(steps.isEmpty ? nil : "<ol>\(steps)</ol>" as HTML)
      <p><b><code>\(line.decision)</code></b> <span class="by">judgment \("\(line.number)"), \(time(line))</span></p></div>
      """
  }

  private static func name(_ line: Ledger.Line) -> HTML {
    "<abbr title=\"\(Explanations.question(line.id) ?? "")\">\(line.id)</abbr>"
  }

  private static func time(_ line: Ledger.Line) -> HTML {
    let time = Date(timeIntervalSince1970: line.time).formatted(.iso8601)
    return "<time datetime=\"\(time)\">\(time)</time>"
  }

  private static func steps(_ line: Ledger.Line) -> HTML {
    line.steps.isEmpty
      ? "–"
      : "<details><summary>\(line.steps.count)</summary>\(line.steps.map { "<div><code>\($0)</code></div>" as HTML })</details>"
  }

  private static func takeBack(_ line: Ledger.Line) -> HTML? {
    guard line.mayTakeBack else { return nil }
    return """
      <form method="post" action="/desk/say"><input type="hidden" name="item" value=""><input type="hidden" name="step" value="0">
      <button name="text" value="undo \(line.id)">Take back</button></form>
      """
  }
}
