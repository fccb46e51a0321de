import Foundation
import Status

/// The runs as a table that is sorted and filtered by the server, and from which some are chosen to be compared.
enum RunsPage {
  /// Columns for settings: there is room for no more.
  private static let mostSettings = 8

  /// - Parameter live: the run that goes on in this process.
  static func main(_ list: RunList, of runs: [RunSummary], live: RunStatus?) -> HTML {
    guard !runs.isEmpty else {
      return "<h1>Runs</h1><p>There is none yet: <code>grove run</code> begins one.</p>"
    }
    let chosen = list.chosen(of: runs)
    let shown = Array(chosen.dropFirst((list.page - 1) * RunList.most).prefix(RunList.most))
    return """
      <h1>Runs</h1>
      \(filter(list))
      \(shown.isEmpty ? "<p>There is none like that.</p>" : table(shown, list, live))
      \(pages(list, chosen.count))
      <p class="actions">\(.button("/runs.json", "All as JSON"))</p>
      """
  }

  private static func filter(_ list: RunList) -> HTML {
    let sort: HTML? = list.query[0].map { _ in
      "<input type=\"hidden\" name=\"sort\" value=\"\(list.isDescending ? "-" : "")\(list.sort)\">"
    }
    return """
      <form method="get" action="/runs">\(sort)<label>Those with <input type="search" name="filter" value="\(list.filter)" size="30"
      placeholder="digits finished model.width=32"></label> <button>Filter</button></form>
      """
  }

  private static func table(_ runs: [RunSummary], _ list: RunList, _ live: RunStatus?) -> HTML {
    let settings = differing(runs)
    let isReadable = runs.contains { $0.problem != nil }
    let head =
      ["" as HTML] + RunList.columns.map { heading($0, $0, list) }
      + settings.map { heading($0, $0, list) } + (isReadable ? [""] : [])
    let numbers = Set([5, 6, 7, 8, 9] + settings.indices.map { 10 + $0 })
    return """
      <form method="get" action="/compare">
      \(.table("Accuracy on held-out questions, as last measured", head, numbers: numbers, runs.map { row($0, settings, live) }))
      <button class="main">Compare the chosen ones</button></form>
      """
  }

  private static func row(_ run: RunSummary, _ settings: [String], _ live: RunStatus?) -> [HTML] {
    let begun = run.started.map { date -> HTML in
      let time = date.formatted(.iso8601)
      return "<time datetime=\"\(time)\">\(String(time.prefix(16)).replacing("T", with: " "))</time>"
    }
    let state = live?.name == run.name ? live?.phase.rawValue ?? "" : run.state.rawValue
    let problem: HTML? = run.problem.map { "<small class=\"wrong\">\($0)</small>" }
    return [
      "<input type=\"checkbox\" name=\"run\" value=\"\(run.name)\" aria-label=\"compare \(run.name)\">",
      .link(.run(run.name), run.name), "\(run.task)", .badge(state, state), begun ?? "–",
      "\(run.seconds.asTime)", "\(run.rounds.grouped)", "\(run.steps.grouped)",
      run.accuracy.map { .accuracy($0.student) } ?? "–", run.accuracy.map { .accuracy($0.amplified) } ?? "–",
    ] + settings.map { "\(run.settings[$0] ?? "–")" } + [problem].compactMap(\.self)
  }

  private static func heading(_ column: String, _ name: String, _ list: RunList) -> HTML {
    let arrow = list.sort == column ? (list.isDescending ? " ↓" : " ↑") : ""
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    let words: HTML = parts.count > 1 ? "<small>\(parts[0])</small><br>\(parts[1])" : "\(name)"
    return "<a href=\"\(Place.list(list.sorted(by: column)).path)\" title=\"sort by \(column)\">\(words)\(arrow)</a>"
  }

  private static func pages(_ list: RunList, _ count: Int) -> HTML? {
    let last = (count + RunList.most - 1) / RunList.most
    guard last > 1 else { return nil }
    let numbers = Set([1, last] + (max(1, list.page - 3)...max(1, list.page + 3))).filter { $0 <= last }.sorted()
    let links = numbers.map { page -> HTML in
      .button(Place.list(list.turned(to: page)).path, "\(page)", isHere: page == list.page)
    }
    return "<p>\(count.grouped) runs</p><nav aria-label=\"pages\">\(.actions(links))</nav>"
  }

  /// The settings that not all of some runs have the same.
  static func differing(_ runs: [RunSummary]) -> [String] {
    let keys = Set(runs.flatMap(\.settings.keys)).subtracting(["task.name"])
    return Array(keys.filter { key in Set(runs.map { $0.settings[key] }).count > 1 }.sorted().prefix(mostSettings))
  }
}
