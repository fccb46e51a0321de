import Foundation
import Plots
import Status

/// Which runs are compared, and against what their curves are drawn.
struct Comparison: Hashable, Sendable {
  /// As many as there are colours for.
  static let most = 8

  var runs: [String]
  var against: Against

  /// - Parameter query: what is taken out of it.
  init(_ query: inout [String: String]) throws(PageError) {
    let names = (query.removeValue(forKey: "run") ?? "").split(separator: ",").map(String.init)
    runs = names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    guard (1...Self.most).contains(runs.count) else {
      throw PageError(
        .badRequest,
        runs.isEmpty
          ? "Say which runs to compare, as in /compare?run=first&run=second, or choose them in the list of runs."
          : "That is \(runs.count) runs; at most \(Self.most) can be told apart in one diagram.")
    }
    let text = query.removeValue(forKey: "x") ?? "steps"
    guard let against = Against(rawValue: text) else {
      throw PageError(.badRequest, "x is “\(text.prefix(80))”; allowed are steps, minutes and decompositions.")
    }
    self.against = against
  }

  var query: [String?] { runs.map { "run=\(Place.part($0))" } + [against == .steps ? nil : "x=\(against.rawValue)"] }

  func drawn(against other: Against) -> Comparison {
    var comparison = self
    comparison.against = other
    return comparison
  }
}

/// Runs side by side: their curves over each other, and what differs in their settings.
enum ComparePage {
  private static let quantities: [Quantity] = [
    .accuracy, .amplified, .teacher, .loss, .overseerLoss, .rate, .speed, .memory,
  ]
  /// Points on a page, so that it stays small.
  private static let mostPoints = 2_000

  static func main(_ comparison: Comparison, _ records: [RunRecord], _ summaries: [RunSummary]) -> HTML {
    let axes = Against.allCases.map { against -> HTML in
      .button(
        Place.compare(comparison.drawn(against: against)).path, against.label, isHere: against == comparison.against)
    }
    let measured = records.filter { !$0.history.isEmpty }
    return """
      <h1>Runs side by side</h1>
      <p class="actions">Drawn against \(axes)</p>
      \(Sections.problems(records))
      \(measured.isEmpty ? "<p>None of them has measured anything yet.</p>" : curves(measured, comparison.against))
      \(results(records, summaries))
      """
  }

  private static func curves(_ records: [RunRecord], _ against: Against) -> HTML {
    let most = max(20, mostPoints / (records.count * quantities.count))
    let runs = records.map { (name: $0.name, history: thinned($0.history, most)) }
    let measured = quantities.filter { Figure.unmeasured(runs, y: [$0]).count < runs.count }
    let plots = Figure.overlay(runs, x: against, y: measured).rows.joined()
    return .section("curves", "Curves", "<div class=\"figures\">\(plots.map { Sections.figure($0, against) })</div>")
  }

  /// The first line, the last one, and so many in all.
  private static func thinned(_ history: [MetricsLine], _ most: Int) -> [MetricsLine] {
    guard history.count > most else { return history }
    return (0..<most).map { history[$0 * (history.count - 1) / (most - 1)] }
  }

  private static func results(_ records: [RunRecord], _ summaries: [RunSummary]) -> HTML {
    let known = Dictionary(summaries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let runs = records.compactMap { known[$0.name] }
    func row(_ name: String, _ value: (RunSummary) -> HTML) -> [HTML] { ["\(name)"] + runs.map(value) }
    let rows =
      [
        row("task") { "\($0.task)" }, row("state") { .badge($0.state.rawValue, $0.state.rawValue) },
        row("duration") { "\($0.seconds.asTime)" }, row("rounds") { "\($0.rounds.grouped)" },
        row("steps") { "\($0.steps.grouped)" },
        row("student") { $0.accuracy.map { .accuracy($0.student) } ?? "–" },
        row("amplified") { $0.accuracy.map { .accuracy($0.amplified) } ?? "–" },
      ] + RunsPage.differing(runs).map { key in row(key) { "<code>\($0.settings[key] ?? "–")</code>" } }
    return .section(
      "results", "What they came to, and which settings differ",
      .table("", ["" as HTML] + runs.map { .link(.run($0.name), $0.name) }, rows))
  }
}
