import Status

/// Makes the page of a place out of what there is.
struct Renderer: Sendable {
  let source: any DashboardSource

  /// - Throws: ``PageError`` if there is no such run, worker or tree.
  func page(_ place: Place) async throws -> Page {
    switch place {
    case .overview: await overview()
    case .list(let list):
      Page(title: "Runs", main: RunsPage.main(list, of: await source.runs(), live: await source.status()?.run))
    case .compare(let comparison): try await compare(comparison)
    case .run(let name): try await run(name)
    case .report(let name): try await report(name)
    case .trees(let run, let round, let kind, let wrongOnly):
      try await trees(of: run, round: round, kind: kind, wrongOnly: wrongOnly)
    case .tree(let run, let round, let place): try await tree(of: run, round: round, place: place)
    case .worker(let name): try await worker(name)
    case .documents: DocumentPages.list(await source.documents())
    case .document(let name): try DocumentPages.page(name, among: await source.documents())
    case .desk: throw PageError(.notFound, "The desk is a page for one person, not to be followed.")
    }
  }

  func record(_ name: String) async throws -> RunRecord {
    guard let record = await source.run(name) else {
      throw PageError(.notFound, "There is no run “\(name.prefix(80))”.")
    }
    return record
  }

  private func overview() async -> Page {
    guard let status = await source.status() else {
      return Page(title: "Runs", main: RunsPage.main(RunList(), of: await source.runs(), live: nil))
    }
    let record = await source.run(status.run.name)
    let history = record?.history ?? []
    var sections = [Sections.head(status), Sections.warnings(status.warnings)]
    if let record, let problems = Sections.problems([record]) { sections.append(problems) }
    sections.append(Sections.run(status.run))
    if !history.isEmpty {
      let curves = Sections.curves(status.run.name, history)
      sections.append(
        "<div class=\"columns\"><div>\(curves)</div><div>\(history.last.map { Sections.classes($0.accuracy) })</div></div>"
      )
    }
    sections.append(Sections.workers(status.workers))
    if let round = record?.roundsWithTrees.first {
      let trees = await source.trees(of: status.run.name, round: round)
      sections.append(Sections.newestTrees(trees, of: status.run.name, round: round))
    }
    return Page(title: status.run.name, main: HTML(sections), isLive: true)
  }

  private func compare(_ comparison: Comparison) async throws -> Page {
    var records: [RunRecord] = []
    for name in comparison.runs { records.append(try await record(name)) }
    return Page(
      title: comparison.runs.joined(separator: ", "),
      main: ComparePage.main(comparison, records, await source.runs()))
  }

  private func run(_ name: String) async throws -> Page {
    let record = try await record(name)
    let status = await source.status()
    let isRunning = status?.run.name == name
    var sections: [HTML] = []
    if isRunning, let status {
      sections += [Sections.head(status), downloads(record), Sections.run(status.run)]
    } else {
      let state = record.result == nil ? "unfinished" : "finished"
      sections += [
        "<section id=\"head\"><h1>\(name) \(.badge(state, state))</h1><p class=\"lead\">task \(record.task)</p></section>",
        downloads(record),
      ]
    }
    var newest: HTML?
    if let round = record.roundsWithTrees.first {
      newest = Sections.newestTrees(await source.trees(of: name, round: round), of: name, round: round)
    }
    return Page(title: name, main: HTML(sections + Sections.whole(record, trees: newest)), isLive: isRunning)
  }

  /// What of a run can be taken away.
  private func downloads(_ record: RunRecord) -> HTML {
    let name = record.name
    let report: HTML =
      "<a class=\"button\" href=\"\(Place.report(name).path)\" download=\"\(name).html\">report as one file</a>"
    let files = RunFile.allCases.filter { $0 != .result || record.result != nil }
    return .actions(["Download", report] + files.map { .button($0.path(of: name), $0.title) })
  }

  private func report(_ name: String) async throws -> Page {
    let record = try await record(name)
    var trees: [KeptTree] = []
    if let round = record.roundsWithTrees.first { trees = await source.trees(of: name, round: round) }
    return Report.page(record, trees)
  }

  private func trees(of run: String, round: Int?, kind: String?, wrongOnly: Bool) async throws -> Page {
    let record = try await record(run)
    guard let round = round ?? record.roundsWithTrees.first else {
      throw PageError(.notFound, "The run \(run) has kept no trees yet: it does when accuracy is measured.")
    }
    let all = await source.trees(of: run, round: round)
    guard !all.isEmpty else {
      throw PageError(.notFound, "The run \(run) has kept no trees of round \(round).")
    }
    let kinds = Set(all.map(\.amplified.kind)).sorted()
    if let kind, !kinds.contains(kind) {
      throw PageError(
        .notFound,
        "There is no class “\(kind.prefix(80))” in round \(round); there is \(kinds.joined(separator: ", ")).")
    }
    let chosen = all.filter { (kind == nil || $0.amplified.kind == kind) && (!wrongOnly || !$0.amplified.tree.isRight) }
    return Page(
      title: "Amplified questions of \(run)",
      main: Trees.list(chosen, of: record, round: round, kinds: kinds, kind: kind, wrongOnly: wrongOnly))
  }

  private func tree(of run: String, round: Int, place: Int) async throws -> Page {
    let record = try await record(run)
    let trees = await source.trees(of: run, round: round)
    guard trees.indices.contains(place) else {
      throw PageError(
        .notFound,
        trees.isEmpty
          ? "The run \(run) has kept no trees of round \(round)."
          : "Round \(round) of the run \(run) has the trees 1 to \(trees.count).")
    }
    return Page(
      title: trees[place].amplified.tree.question, main: Trees.page(trees[place], of: record, count: trees.count))
  }

  private func worker(_ name: String) async throws -> Page {
    let status = await source.status()
    let worker = status?.workers.first { $0.id == name }
    var (events, trees): ([ClusterEvent], [KeptTree]) = ([], [])
    if let status, let record = await source.run(status.run.name) {
      events = record.events.filter { $0.who == name }
      for round in record.roundsWithTrees.prefix(1) {
        trees = await source.trees(of: status.run.name, round: round).filter { $0.worker == name }
      }
    }
    guard worker != nil || !events.isEmpty, let run = status?.run.name else {
      throw PageError(.notFound, "There is no worker “\(name.prefix(80))”.")
    }
    var sections: [HTML] = ["<h1>\(name)</h1>"]
    sections.append(
      worker.map(Sections.worker) ?? .section("worker", "Now", "<p>It is not a member of the cluster.</p>"))
    let newest = trees.first.map { Sections.newestTrees(trees, of: run, round: $0.round) }
    sections.append("<div class=\"columns even\"><div>\(newest ?? Sections.events(events))</div>")
    sections.append("<div>\(newest.map { _ in Sections.events(events) })</div></div>")
    return Page(title: name, main: HTML(sections), isLive: true)
  }
}
