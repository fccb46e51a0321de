import Foundation
import Oversight

/// What the desk explains beside the question: what its facts and names mean, and what can be said.
enum DeskHelp {
  /// Who decided or answered; what that means appears over it.
  static func author(_ by: String) -> HTML {
    Explanations.author(by).map { "<abbr title=\"\($0)\">\(by)</abbr>" } ?? "\(by)"
  }

  /// How long the question is the person's, and the short names that the page uses.
  static func small(_ item: DeskView.Item) -> HTML {
    let until = Date(timeIntervalSinceNow: Double(item.leaseSeconds))
    let names =
      [item.id]
      + (item.steps.map(\.by) + item.nodes.map(\.by)).reduce(into: []) {
        if !$0.contains($1) { $0.append($1) }
      }
    let legend = names.compactMap { name in
      (Explanations.question(name) ?? Explanations.author(name)).map { "<b>\(name)</b>: \($0)" as HTML }
    }
    return """
      <p class="by">Yours <span id="lease" data-seconds="\(item.leaseSeconds)">until \
      <time datetime="\(until.formatted(.iso8601))">\(clock(until))</time></span>; each step gives you that time anew.</p>
      <p class="by" id="legend">\(legend.dropFirst().reduce(legend.first ?? "") { "\($0); \($1)" }).</p>
      """
  }

  /// A time of day of this machine.
  private static func clock(_ time: Date) -> String {
    let parts = Calendar.current.dateComponents([.hour, .minute, .second], from: time)
    return String(format: "%02d:%02d:%02d", parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0)
  }

  static func facts(_ item: DeskView.Item) -> HTML {
    guard let facts = item.facts else {
      return """
        <h2>Facts</h2><p>You see the question and what you were answered, as H′ will; not the facts. What a look-up in them answers,
        such as the simplest questions, is answered by it.</p>
        """
    }
    return "<h2>Facts</h2><ul class=\"facts\">\(facts.map { "<li>\($0)</li>" as HTML })</ul>"
  }

  static func how(_ item: DeskView.Item, _ view: DeskView) -> HTML {
    let forms = zip(view.forms, view.meanings).map { form, meaning -> HTML in
      "<dt><code>\(form)</code></dt><dd>\(meaning)</dd>"
    }
    let how: HTML =
      item.kind == .review
      ? """
      <p>Each line of the tree is an answer; those further in were asked for it. If one is wrong, say so by its number:
      <code>2 no</code>, or, if you know the right one, <code>2 = 7</code>. What was derived from it is then not learned, unless
      you say of it <code>1 ok</code> or <code>1 = 3</code>. At last, <code>ok</code>.</p>
      """
      : """
      <p>Ask easier questions, one at a time, until you can tell the answer. Then give it: <code>= 3</code>. Where an answer is ?
      and you can't go on, so is yours: <code>= ?</code>. <code>undo</code> takes your last step back.</p>
      """
    return """
      <section id="how"><h2>How</h2>\(how)
      <p id="guide">\(view.guide)</p>
      <dl id="grammar">\(forms)</dl>
      <p><a href="/desk/help">All that can be said, and what becomes of it</a></p></section>
      """
  }

  // MARK: A page of its own

  private static func sayings(_ caption: String, _ rows: [(said: HTML, what: HTML)]) -> HTML {
    .table(
      caption, ["you say", "what happens"], rows.map { [$0.said, "<span class=\"long\">\($0.what)</span>"] as [HTML] })
  }

  static let page = Page(
    title: "At the desk",
    main: """
      <h1>At the desk</h1>
      <p>People take questions apart for H′, a model that learns to do it as they do, and check answers before the model X learns
      them. One line is said at a time; what it would mean stands beside it while it is typed.</p>
      \(sayings("To take a question apart", [
        ("<code>f^2(3)</code>", "the sub-question is answered at once: by a look-up in the facts if they answer it, else by X"),
        ("<code>= 5</code>", "that is the answer; the next question comes"),
      ]))
      \(sayings("To check an answer", [
        ("<code>ok</code>", "what is not marked is accepted, and learned"),
        ("<code>2 no</code>", "node 2 is wrong; with it falls what was derived from it"),
        ("<code>2 = 7</code>", "the answer of node 2 is 7"),
        ("<code>1 ok</code>", "node 1 stands, whatever is said of what is below it"),
      ]))
      \(sayings("Always", [
        ("<code>undo</code>", "your last step, or your last judgment, is taken back, as long as training has not used it"),
        ("<code>undo d4.2</code>", "your judgment of that question is taken back, as long as training has not used it"),
        ("<code>sure</code>", "what you decided last stands: training need not wait for you to take it back"),
        ("<code>pass</code>", "somebody else may take the question; when all have passed, nobody is asked it"),
        ("<code>flag it has no answer</code>", "the question is bad; nobody is asked it again"),
      ]))
      <p>What contradicts a fact, or asks the question itself, is asked about once more: say the same again if you mean it.
      Training uses nobody's last judgment before oversight.undo_s seconds are over. Some answers are <em>made up</em>, and say so:
      go on as if they were so. The whole of it is in \(.link(.document("Overseeing.md"), "Overseeing")).</p>
      <p><a href="/desk">To the desk</a></p>
      """)
}
