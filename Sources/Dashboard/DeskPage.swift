import Foundation
import Oversight
import Status

/// The desk as a page: a question, what it means, and one line in which all is said.
enum DeskPage {
  /// - Parameter problem: why who wanted to enter was not let in.
  static func entrance(_ people: People, problem: String? = nil) -> Page {
    let field: HTML =
      people.persons.isEmpty
      ? "<label>Your name <input name=\"name\" autofocus required maxlength=\"32\"></label>"
      : "<label>Your token <input name=\"token\" type=\"password\" autofocus required></label>"
    return Page(
      title: "Desk",
      main: """
        <h1>Who decides?</h1>
        <p>At the desk, people take questions apart for H′ to learn from, and check answers before X learns them. What you decide is
        kept with your name.</p>
        \(problem.map { "<p id=\"problem\" class=\"problem\" role=\"alert\">\($0)</p>" as HTML })
        <form method="post" action="/desk/enter">\(field) <button>Enter</button></form>
        """)
  }

  /// - Parameter said: what was said and not taken.
  static func page(_ view: DeskView, said: String) -> Page {
    let title: HTML =
      switch view.item?.kind {
      case .decomposition: "Take a question apart"
      case .review: "Check an answer"
      case nil: "Nothing to decide now"
      }
    let body: HTML = view.item.map { item($0, view, said: view.doubt == nil ? said : "") } ?? idle(view)
    return Page(
      title: view.item?.question ?? "Desk",
      main: """
        <h1>\(title)</h1>
        \(progress(view))
        \(view.problem.map { "<p id=\"problem\" class=\"problem\" role=\"alert\">\($0)</p>" as HTML })
        \(view.doubt.map { doubt($0, said, view) })
        \(view.notice.map { "<p id=\"notice\" role=\"status\">\($0)</p>" as HTML })
        \(body)
        """)
  }

  private static func progress(_ view: DeskView) -> HTML {
    let agreement: HTML? = view.agreement.map {
      """
       · <a href="/desk/disagreements">agreement with colleagues</a> κ = \
      <data value="\("\($0)")">\($0.threeDigits)</data> over \(view.compared) decisions
      """
    }
    let needed: HTML? =
      view.needed > 0 && view.needed < view.waiting ? ", <b>\(view.needed)</b> of them needed now" : nil
    let others: HTML? =
      view.others.isEmpty
      ? nil
      : view.waiting == 1 && view.item == nil
        ? " (it is with \(view.others.joined(separator: ", ")))" : " (some with \(view.others.joined(separator: ", ")))"
    return """
      <p id="progress">\(view.person) in \(.link(.run(view.run), view.run)) · <a href="/desk/mine"><b>\(view.own)</b> decided by \
      you</a>, \(view.all) by all · <b>\(view.waiting)</b> waiting\(needed)\(others)\(agreement)</p>
      """
  }

  private static func idle(_ view: DeskView) -> HTML {
    let isOpen = view.undoSeconds != nil
    let text: HTML =
      isOpen
      ? """
      Training takes up what you decided last in <span id="grace" data-seconds="\(view.undoSeconds ?? 0)">\
      \(view.undoSeconds ?? 0)</span> s. The next question appears here by itself.
      """
      : "Nothing waits for you. The next question appears here by itself."
    return """
      <p id="idle" data-poll="/desk">\(text)</p>
      \(form(nil, 0, """
        \(isOpen ? "<button name=\"text\" value=\"sure\" autofocus>I am sure: go on</button>" : nil) \
        \(view.undo.map { "<button name=\"text\" value=\"undo\">Take back \($0)</button>" as HTML })
        """))
      """
  }

  /// What was said can't be meant; if it is, the button says it again.
  private static func doubt(_ doubt: String, _ said: String, _ view: DeskView) -> HTML {
    """
    <div id="doubt" class="problem" role="alert"><p>\(doubt). If you mean “\(said)”, say it again.</p>
    \(form(view.item?.id, view.item?.step ?? 0, """
      <input type="hidden" name="again" value="1"><button name="text" value="\(said)">I mean it: \(said)</button>
      """))</div>
    """
  }

  private static func form(_ item: String?, _ step: Int, _ content: HTML) -> HTML {
    """
    <form method="post" action="/desk/say"><input type="hidden" name="item" value="\(item ?? "")">\
    <input type="hidden" name="step" value="\(step)">\(content)</form>
    """
  }

  private static func item(_ item: DeskView.Item, _ view: DeskView, said: String) -> HTML {
    let label: HTML =
      item.kind == .review
      ? "“ok”, or of one node “2 no” or “2 = 7”"
      : item.stepsLeft > 0
        ? "A sub-question, or the answer after “=”" : "The answer after “=”: no more sub-questions may be asked"
    let line = form(
      item.id, item.step,
      """
      \(view.doubt.map { _ in "<input type=\"hidden\" name=\"again\" value=\"1\">" as HTML })<label>\(label) <input name="text" id="line" value="\(said)" list="forms" autofocus autocomplete="off" spellcheck="false"
      aria-describedby="check"></label> <button>Say</button> <span id="check" role="status"></span>
      <datalist id="forms">\(item.kind == .review ? [] : view.forms.map { "<option value=\"\($0)\">" as HTML })</datalist>
      """)
    let undo: HTML? = view.undo.map { "<button name=\"text\" value=\"undo\">Take back \($0)</button>" }
    let accept: HTML? =
      item.kind == .review ? "<button name=\"text\" value=\"ok\">Accept what is not marked</button>" : nil
    let others = form(
      item.id, item.step, "\(accept)\(undo)<button name=\"text\" value=\"pass\">Leave it to somebody else</button>")
    let flag = form(
      item.id, item.step,
      """
      <details><summary>It is a bad question</summary><label>What is wrong with it? <input name="reason" maxlength="150"></label>
      <button name="text" value="flag">Nobody shall be asked it</button></details>
      """)
    return """
      <div class="tree"><div>
      <p class="question"><code id="question">\(item.question)</code>\(item.question.signOfEquality) ?</p>
      <p id="meaning"><code>\(item.question)</code>: \(item.meaning).</p>
      \(item.kind == .review ? nodes(item) : steps(item))
      \(line)\(others)\(flag)
      \(DeskHelp.small(item))
      </div><aside>\(DeskHelp.facts(item))\(DeskHelp.how(item, view))</aside></div>
      """
  }

  private static func steps(_ item: DeskView.Item) -> HTML {
    guard !item.steps.isEmpty else { return "<p>You have asked nothing yet.</p>" }
    let rows = item.steps.map { step -> HTML in
      let note: HTML? = step.by == "made up" ? " (how would you go on if it were so?)" : nil
      return """
        <li><code>\(step.question)</code> = <b>\(step.answer)</b> \
        <span class="by">\(step.by == "made up" ? nil : "by ")\(DeskHelp.author(step.by))\(note)</span></li>
        """
    }
    return "<ol id=\"steps\">\(rows)</ol>"
  }

  private static func nodes(_ item: DeskView.Item) -> HTML {
    let rows = item.nodes.map { node -> HTML in
      let verdict: HTML? = node.verdict.map { verdict in
        switch verdict {
        case "accepted": " <span class=\"right\">stands</span>"
        case "rejected": " <span class=\"wrong\">rejected</span>"
        default: " <span class=\"wrong\">should be \(verdict)</span>"
        }
      }
      return """
        <li class="depth\(min(node.depth, 8))"><span class="number">\(node.number)</span> \
        <code title="\(node.meaning)">\(node.question)</code> = <b>\(node.answer)</b> \
        <span class="by">by \(DeskHelp.author(node.by))</span>\(verdict) \
        <button name="text" value="\(node.number) no" aria-label="node \(node.number) is wrong">no</button></li>
        """
    }
    return form(item.id, item.step, "<ul id=\"nodes\" class=\"nodes\">\(rows)</ul>")
  }
}
