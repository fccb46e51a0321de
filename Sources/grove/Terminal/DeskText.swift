import Oversight
import Status

/// The desk as text.
enum DeskText {
  static func lines(_ view: DeskView, colours: Bool) -> [String] {
    var lines = [""]
    var facts = "\(view.own) decided by you, \(view.all) by all, \(view.waiting) waiting"
    if view.needed > 0, view.needed < view.waiting { facts += ", \(view.needed) of them needed now" }
    if !view.others.isEmpty { facts += " (\(view.others.joined(separator: ", ")) at it)" }
    if let agreement = view.agreement {
      facts += ", agreement κ = \(agreement.threeDigits) over \(view.compared) decisions"
    }
    if let notice = view.notice { lines.append(notice) }
    if let problem = view.problem { lines.append(Terminal.coloured(problem, 31, colours)) }
    if let doubt = view.doubt {
      lines.append(Terminal.coloured("\(doubt). Say it again if you mean it.", 33, colours))
    }
    guard let item = view.item else {
      let grace = view.undoSeconds.map {
        "Training takes up what you decided last in \($0) s: Enter goes on at once, and "
      }
      return lines + ["Nothing to decide now. \(grace ?? "")“undo” takes back \(view.undo ?? "nothing")."]
    }
    lines.append(Terminal.dim("\(item.id) · \(facts)", colours))
    if let facts = item.facts { lines.append(Terminal.dim(facts.joined(separator: "  "), colours)) }
    lines.append(Terminal.bold("\(item.question.asked) ?", colours) + "  " + Terminal.dim(item.meaning, colours))
    for step in item.steps {
      let by = step.by == "made up" ? "made up: how would you go on if it were so?" : "by \(step.by)"
      lines.append("  \(step.question.asked) \(step.answer)  \(Terminal.dim(by, colours))")
    }
    for node in item.nodes {
      let verdict = node.verdict.map { verdict in
        switch verdict {
        case "accepted": "  " + Terminal.coloured("stands", 32, colours)
        case "rejected": "  " + Terminal.coloured("rejected", 31, colours)
        default: "  " + Terminal.coloured("should be \(verdict)", 31, colours)
        }
      }
      let number = String(repeating: " ", count: max(0, 3 - "\(node.number)".count)) + "\(node.number)"
      lines.append(
        "\(number)  \(String(repeating: "   ", count: node.depth))\(node.question) = \(node.answer)  "
          + Terminal.dim("by \(node.by)", colours) + (verdict ?? ""))
    }
    return lines
  }

  static func help(_ view: DeskView) -> [String] { said(view) + explanations(view.item) }

  /// What the short names stand for that are to be seen.
  private static func explanations(_ item: DeskView.Item?) -> [String] {
    guard let item else { return [] }
    var names = [item.id]
    for name in item.steps.map(\.by) + item.nodes.map(\.by) where !names.contains(name) { names.append(name) }
    return [""]
      + names.compactMap { name in
        (Explanations.question(name) ?? Explanations.author(name)).map { "  \(name): \($0)" }
      }
  }

  private static func said(_ view: DeskView) -> [String] {
    let ends = [
      "  undo         take back \(view.undo ?? "your last step")", "  pass         leave it to somebody else",
      "  flag REASON  it is a bad question", "  sure         what you decided last stands: training need not wait",
      "  quit         leave; so does Ctrl-D",
    ]
    if view.item?.kind == .review {
      return [
        "  ok           accept what is not marked", "  2 no         node 2 is wrong, and what was derived from it",
        "  2 = 7        the answer of node 2 is 7", "  1 ok         node 1 stands, whatever is below it",
      ] + ends
    }
    let width = view.forms.map(\.count).max() ?? 0
    return zip(view.forms, view.meanings).map { "  \($0.padding(to: width))  \($1)" }
      + ["  = 3          the answer"] + ends + ["", view.guide]
  }
}

/// What people decided, as text.
enum LedgerText {
  static func lines(_ lines: [Ledger.Line], of person: String) -> [String] {
    guard !lines.isEmpty else { return ["\(person) has decided nothing in this run."] }
    var table = Table(["judgment", "question", "asked", "decided", "after", "state"], rightAligned: [0, 4])
    for line in lines {
      table.add(["\(line.number)", line.id, line.question, line.decision, "\(line.steps.count)", line.standing])
    }
    return table.lines(colours: Terminal.isInteractive)
  }

  static func lines(_ ledger: Ledger) -> [String] {
    let kappa = ledger.kappa.map { "κ = \($0.threeDigits)" } ?? "κ is not known yet"
    let head = "\(kappa) over \(ledger.compared) decisions that two took after hearing the same"
    return [head]
      + ledger.disagreements.flatMap { disagreement in
        let without = disagreement.kappaWithout.map { "κ without it: \($0.threeDigits)" } ?? "no κ without it"
        return [
          "",
          "\(disagreement.id)  \(disagreement.question)  \(disagreement.alike) of \(disagreement.decisions) alike; \(without)",
        ]
          + disagreement.judgments.flatMap { line in
            ["  \(line.person): \(line.decision)  (judgment \(line.number), \(line.standing))"]
              + line.steps.map { "    \($0)" }
          }
      }
  }
}
