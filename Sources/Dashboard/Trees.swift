import Status

/// Amplified questions: why an answer is what it is.
enum Trees {
  static func table(_ trees: some Sequence<KeptTree>, of run: String) -> HTML {
    .table(
      "Held-out questions, answered and amplified",
      ["question", "class", "amplified", "truth", "teacher", "student", "questions asked", "from memory", "worker"],
      numbers: [6, 7],
      trees.map { kept in
        let amplified = kept.amplified
        return [
          .link(.tree(run: run, round: kept.round, place: kept.place), amplified.tree.question),
          "\(amplified.kind)", marked(amplified.tree.answer, amplified.tree.isRight), "\(amplified.tree.truth)",
          marked(amplified.teacher.answer, amplified.teacher.isRight),
          marked(amplified.student.answer, amplified.student.isRight), "\(amplified.tree.size - 1)",
          "\(amplified.tree.memoHits)", .link(.worker(kept.worker), kept.worker),
        ]
      })
  }

  /// An answer, and in words whether it is right.
  static func marked(_ answer: String, _ isRight: Bool) -> HTML {
    "<span class=\"\(isRight ? "right" : "wrong")\">\(answer) <small>\(isRight ? "right" : "wrong")</small></span>"
  }

  // MARK: A list

  static func list(
    _ trees: [KeptTree], of record: RunRecord, round: Int, kinds: [String], kind: String?, wrongOnly: Bool
  ) -> HTML {
    let rounds = record.roundsWithTrees.prefix(200).map { other -> HTML in
      "<option value=\"\(other)\"\(other == round ? " selected" : nil)>\(other)</option>"
    }
    let classes = kinds.map { other -> HTML in
      "<option value=\"\(other)\"\(other == kind ? " selected" : nil)>\(other)</option>"
    }
    return """
      <h1>Amplified questions of \(.link(.run(record.name), record.name))</h1>
      <form method="get"><label>after round <select name="round">\(Array(rounds))</select></label>
      <label>class <select name="class"><option value="">all</option>\(classes)</select></label>
      <label><input type="checkbox" name="wrong" value="1"\(wrongOnly ? " checked" : nil)> wrong ones only</label>
      <button>Show</button></form>
      \(trees.isEmpty ? "<p>There is none.</p>" : table(trees, of: record.name))
      """
  }

  // MARK: One tree

  static func page(_ kept: KeptTree, of record: RunRecord, count: Int) -> HTML {
    func neighbour(_ place: Int, _ name: HTML, _ relation: HTML) -> HTML? {
      guard (0..<count).contains(place) else { return nil }
      let path = Place.tree(run: record.name, round: kept.round, place: place).path
      return "<a class=\"button\" rel=\"\(relation)\" href=\"\(path)\">\(name)</a>"
    }
    let list = Place.trees(run: record.name, round: kept.round, kind: nil, wrongOnly: false)
    return """
      <h1>\(kept.amplified.tree.question)</h1>
      <p class="lead">\(.link(.run(record.name), record.name)) · \(.link(list, "round \(kept.round.grouped)")) · amplified by \
      \(.link(.worker(kept.worker), kept.worker)) in the unit with \(kept.unit)</p>
      <p class="actions">\(neighbour(kept.place - 1, "← previous", "prev")) \(neighbour(kept.place + 1, "next →", "next")) \
      <button class="button" type="button" data-unfold="true" hidden>unfold all</button>
      <button class="button" type="button" data-unfold="false" hidden>fold all</button></p>
      \(body(kept))
      """
  }

  /// The answers, the tree and the facts.
  static func body(_ kept: KeptTree) -> HTML {
    let amplified = kept.amplified
    return """
      <dl>
      <div><dt>class</dt><dd>\(amplified.kind)</dd></div>
      <div><dt>truth</dt><dd>\(amplified.tree.truth)</dd></div>
      <div><dt>amplified</dt><dd>\(marked(amplified.tree.answer, amplified.tree.isRight))</dd></div>
      <div><dt>teacher</dt><dd>\(marked(amplified.teacher.answer, amplified.teacher.isRight))</dd></div>
      <div><dt>student</dt><dd>\(marked(amplified.student.answer, amplified.student.isRight))</dd></div>
      </dl>
      <div class="tree"><div><h2>Tree</h2><ul>\(node(amplified.tree))</ul></div>\(facts(amplified.facts))</div>
      """
  }

  /// nil: the questions are about none.
  private static func facts(_ facts: [String]) -> HTML? {
    guard !facts.isEmpty else { return nil }
    return """

      <aside><h2>Facts</h2><p>Those of the context that all of these questions are about; no overseer sees them.</p>
      <ul class="facts">\(facts.map { "<li>\($0)</li>" })</ul></aside>
      """
  }

  private static func node(_ node: AmplifiedQuestion.Node) -> HTML {
    let truth: HTML? = node.isRight ? nil : " <small>the truth is \(node.truth)</small>"
    let line: HTML = """
      <span class="node"><code>\(node.question)</code>\(node.question.signOfEquality) \
      <b class="\(node.isRight ? "right" : "wrong")">\(node.answer)</b> \
      <span class="by">by \(node.source)</span>\(truth)</span>
      """
    guard !node.children.isEmpty else { return "<li>\(line)</li>" }
    return """
      <li><details open><summary>\(line)</summary><ul>\(node.children.map(Self.node))</ul></details></li>
      """
  }
}
