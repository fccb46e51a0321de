import Plots
import Status

/// One file about a run: what one attaches to a paper or an email.
public enum Report {
  /// Trees that are shown.
  private static let mostTrees = 6

  /// - Parameter trees: of the newest round that has some.
  /// - Returns: a page that needs no other file.
  public static func html(_ record: RunRecord, _ trees: [KeptTree]) -> String { page(record, trees).alone }

  static func page(_ record: RunRecord, _ trees: [KeptTree]) -> Page {
    let kind = record.result == nil ? "An unfinished" : "A finished"
    let head: HTML =
      """
      <h1>\(record.name)</h1>
      <p>\(kind) run of Grove: iterated amplification (Christiano, Shlegeris, Amodei 2018) on the task \(record.task).</p>
      """
    // What went wrong tells more.
    let chosen = trees.filter { !$0.amplified.tree.isRight } + trees.filter(\.amplified.tree.isRight)
    let shown = chosen.prefix(mostTrees).map { kept -> HTML in
      "<article><h3>\(kept.amplified.tree.question), after round \(kept.round.grouped)</h3>\(Trees.body(kept))</article>"
    }
    let section: HTML? = shown.isEmpty ? nil : .section("trees", "Amplified questions", HTML(shown))
    return Page(
      title: "\(record.name) · report",
      main: HTML([head] + Sections.whole(record, against: Against.allCases, trees: section)))
  }
}
