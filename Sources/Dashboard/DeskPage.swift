import Oversight

/// The desk as a page: a question, and one line in which all is said.
enum DeskPage {
  static func entrance(_ people: People) -> Page {
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
    let body: HTML = view.item.map { item($0, view, said: said) } ?? idle(view)
    return Page(
      title: view.item?.question ?? "Desk",
      main: """
        <h1>\(title)</h1>
        \(progress(view))
        \(view.problem.map { "<p id=\"problem\" class=\"problem\" role=\"alert\">\($0)</p>" as HTML })
        \(view.notice.map { "<p id=\"notice\" role=\"status\">\($0)</p>" as HTML })
        \(body)
        """)
  }

  private static func progress(_ view: DeskView) -> HTML {
    let agreement: HTML? = view.agreement.map {
      " · agreement with colleagues κ = <data value=\"\("\($0)")\">\($0.threeDigits)</data> over \(view.compared) decisions"
    }
    return """
      <p id="progress">\(view.person) in \(.link(.run(view.run), view.run)) · <b>\(view.own)</b> decided by you, \(view.all) by all · \
      <b>\(view.waiting)</b> waiting\(agreement)</p>
      """
  }

  private static func idle(_ view: DeskView) -> HTML {
    """
    <p id="idle" data-poll="/desk">Nothing waits for you. The next question appears here by itself.</p>
    \(view.undo.map { form(nil, 0, "<button name=\"text\" value=\"undo\">Take back \($0)</button>") })
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
      <label>\(label) <input name="text" id="line" value="\(said)" list="forms" autofocus autocomplete="off" spellcheck="false"
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
      <p class="question"><code id="question">\(item.question)</code> = ?</p>
      \(item.kind == .review ? nodes(item) : steps(item))
      \(line)\(others)\(flag)
      <p class="by">Yours for <span id="lease" data-seconds="\(item.leaseSeconds)">\(item.leaseSeconds)</span> s after your last step.</p>
      </div><aside>\(facts(item))\(help(item, view))</aside></div>
      """
  }

  private static func steps(_ item: DeskView.Item) -> HTML {
    guard !item.steps.isEmpty else { return "<p>You have asked nothing yet.</p>" }
    let rows = item.steps.map { step -> HTML in
      let note: HTML? = step.by == "made up" ? " (how would you go on if it were so?)" : nil
      return
        "<li><code>\(step.question)</code> = <b>\(step.answer)</b> <span class=\"by\">\(step.by == "made up" ? nil : "by ")\(step.by)\(note)</span></li>"
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
        <li class="depth\(min(node.depth, 8))"><span class="number">\(node.number)</span> <code>\(node.question)</code> = \
        <b>\(node.answer)</b> <span class="by">by \(node.by)</span>\(verdict) \
        <button name="text" value="\(node.number) no" aria-label="node \(node.number) is wrong">no</button></li>
        """
    }
    return form(item.id, item.step, "<ul id=\"nodes\" class=\"nodes\">\(rows)</ul>")
  }

  private static func facts(_ item: DeskView.Item) -> HTML {
    guard let facts = item.facts else {
      return """
        <h2>Facts</h2><p>You see the question and what you were answered, as H′ will; not the facts. What a look-up in them answers,
        such as the simplest questions, is answered by it.</p>
        """
    }
    return "<h2>Facts</h2><ul class=\"facts\">\(facts.map { "<li>\($0)</li>" as HTML })</ul>"
  }

  private static func help(_ item: DeskView.Item, _ view: DeskView) -> HTML {
    if item.kind == .review {
      return """
        <h2>How</h2><p>Each line of the tree is an answer; those further in were asked for it. If one is wrong, say so by its number:
        <code>2 no</code>, or, if you know the right one, <code>2 = 7</code>. What was derived from it is then not learned, unless
        you say of it <code>1 ok</code> or <code>1 = 3</code>. At last, <code>ok</code>.</p>
        """
    }
    let forms = view.forms.map { "<code>\($0)</code>" as HTML }
    return """
      <h2>How</h2><p>Ask easier questions, one at a time, until you can tell the answer. Questions are written \
      \(forms). Then give the answer: <code>= 3</code>. <code>undo</code> takes your last step back.</p>
      """
  }
}
