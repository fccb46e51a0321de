import Foundation
import Testing

/// The pages of real runs in a real browser, and their numbers in a real Prometheus.
@Suite(.serialized) struct DashboardTests {
  /// A run that goes on until it is stopped, and where its pages are.
  private struct Watched {
    let program: Program
    let address: String
    let web: String
    let run: Running

    init(_ more: String...) async throws {
      program = try Program()
      address = try Program.freeAddress()
      web = try Program.freeAddress().replacing("tcp:", with: "http:")
      run = try Self.start(program, address, web, more)
      #expect(await run.line(containing: "student") != nil)
    }

    static func start(_ program: Program, _ address: String, _ web: String, _ more: [String]) throws -> Running {
      let settings = [
        "cluster.bind=\(address)", "dashboard.bind=\(web)", "run.rounds=100000", "cluster.failure_timeout_ms=1000",
        "cluster.heartbeat_ms=100",
      ]
      return try program.start(["run", "--name", "watched", "--workers", "2"] + SmallRun.settings(settings + more))
    }

    func stop(_ run: Running? = nil) async throws {
      let run = run ?? self.run
      run.signal(SIGTERM)
      let ended = await run.ended()
      #expect(ended.status == 4, "\(ended.errors)")
    }

    /// A line of `metrics.jsonl`, whose numbers are read to the last bit.
    struct Measured: Decodable {
      struct Accuracy: Decodable {
        var student, teacher, amplified: Double
      }
      var round: Int
      var accuracy: Accuracy
    }

    var metrics: [Measured] {
      get throws {
        let text = try String(contentsOfFile: program.folder + "/runs/watched/metrics.jsonl", encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Measured.self, from: Data($0.utf8)) }
      }
    }
  }

  private func withBrowser(_ body: (Browser) async throws -> Void) async throws {
    let browser = try await Browser()
    do {
      try await body(browser)
    } catch {
      try? await browser.quit()
      throw error
    }
    try await browser.quit()
  }

  private static let isLive = "document.querySelector('#connection').textContent === ''"

  @Test func theNumbersOnThePageAreThoseOfTheRun() async throws {
    let watched = try await Watched("run.evaluate_every=8")
    try await withBrowser { browser in
      try await browser.open(watched.web)
      // The page changes by itself, and goes on when it is loaded anew.
      let round = "Number([...document.querySelectorAll('#run dd')][1].textContent.split(' ')[0].replace(',', ''))"
      let first = try #require(try await browser.value(of: round) as? Int)
      try await browser.until("\(round) > \(first)")
      try await browser.reload()
      try await browser.until("\(round) > \(first + 1) && \(Self.isLive)")
      // A round is measured, and its numbers reach the open page.
      try await browser.click("#head a")
      try await browser.until("document.querySelectorAll('#history tbody tr').length > 2")
      let rows = try #require(
        try await browser.value(
          of: "[...document.querySelectorAll('#history tbody tr')].map(r => [r.cells[0].textContent, "
            + "...[...r.querySelectorAll('data')].map(d => d.value)])") as? [[String]])
      let measured = try watched.metrics
      for row in rows {
        let accuracy = try #require(measured.first { "\($0.round)" == row[0].replacing(",", with: "") }).accuracy
        #expect(row.dropFirst().map { Double($0) } == [accuracy.student, accuracy.teacher, accuracy.amplified])
      }
      // A worker's page, by a click.
      try await browser.open(watched.web)
      try await browser.click("#workers tbody a")
      try await browser.until("document.querySelector('h1').textContent === 'worker-1'")
      #expect(try await browser.texts("#events td").contains { $0.hasPrefix("joined (process") })
      // On a phone nothing sticks out.
      try await browser.resize(width: 500, height: 900)
      try await browser.open(watched.web)
      #expect(
        try await browser.value(of: "document.documentElement.scrollWidth <= window.innerWidth") as? Bool == true)
    }
    try await watched.stop()
  }

  /// A list of many runs reads of each only what has changed since it was shown last.
  @Test func aListOfManyRunsIsNotReadAgainAndAgain() async throws {
    let program = try Program()
    let ended = try await program(SmallRun.arguments("run-0", workers: 1))
    try #require(ended.status == 0, "\(ended.errors)")
    let folder = program.folder + "/runs"
    let metrics = try String(contentsOfFile: folder + "/run-0/metrics.jsonl", encoding: .utf8)
    try program.write(String(repeating: metrics, count: 300), to: "runs/run-0/metrics.jsonl")
    for number in 1..<100 {
      try FileManager.default.copyItem(atPath: folder + "/run-0", toPath: folder + "/run-\(number)")
    }
    let pages = try program.start(["dashboard", "--set", "dashboard.bind=http://127.0.0.1:*"])
    let line = try #require(await pages.line(containing: "http://"))
    let web = String(try #require(line.split(separator: " ").first { $0.hasPrefix("http://") }))
    func bytesRead() throws -> Int {
      let counts = try String(contentsOfFile: "/proc/\(pages.processID)/io", encoding: .utf8)
      return try #require(counts.firstMatch(of: /rchar: (\d+)/).flatMap { Int($0.1) })
    }
    var read: [Int] = []
    for _ in 0..<3 {
      let before = try bytesRead()
      let page = try await Web.get(web + "runs")
      read.append(try bytesRead() - before)
      let text = String(decoding: page.body, as: UTF8.self)
      #expect(page.status == 200 && text.contains("run-99") && !text.contains("unfinished"))
    }
    let bytes = metrics.utf8.count * 300 * 100
    #expect(read[0] < bytes && read[1] < read[0] / 20 && read[2] < read[0] / 20, "\(read) of \(bytes)")
    // What changes is seen.
    try FileManager.default.removeItem(atPath: folder + "/run-99/result.json")
    #expect(String(decoding: try await Web.get(web + "runs").body, as: UTF8.self).contains("unfinished"))
  }

  @Test func aTreeOnThePageIsThatOfAsk() async throws {
    let program = try Program()
    // One question a context: an answer from memory would be of another question's tree.
    let ended = try await program(
      SmallRun.arguments("asked", workers: 2, "amplification.questions=1", "amplification.depth=2"))
    try #require(ended.status == 0, "\(ended.errors)")
    let pages = try program.start(["dashboard", "--set", "dashboard.bind=http://127.0.0.1:*"])
    let line = try #require(await pages.line(containing: "http://"))
    let web = try #require(line.split(separator: " ").first { $0.hasPrefix("http://") })
    try await withBrowser { browser in
      try await browser.open(web + "runs")
      try await browser.click("tbody a")
      try await browser.until("document.querySelector('#trees tbody a')")
      try await browser.click("#trees tbody a")
      try await browser.until("document.querySelector('.tree')")
      let facts = try await browser.texts(".facts li")
      let question = try #require(try await browser.texts("h1").first)
      try program.write(facts.joined(separator: "\n"), to: "facts.txt")
      let asked = try await program("ask", "asked", question, "--context", "facts.txt", "--depth", "2", "--json")
      try #require(asked.status == 0, "\(asked.errors)")
      let answer = try #require(try JSONSerialization.jsonObject(with: Data(asked.output.utf8)) as? [String: Any])
      var expected: [String] = []
      func write(_ node: [String: Any], depth: Int) {
        expected.append("\(depth) \(node["question"] ?? "") = \(node["answer"] ?? "") by \(node["by"] ?? "")")
        for child in node["children"] as? [[String: Any]] ?? [] { write(child, depth: depth + 1) }
      }
      write(try #require(answer["tree"] as? [String: Any]), depth: 0)
      #expect(expected.count >= 3)
      let shown = """
        [...document.querySelectorAll('.tree .node')].map(n => {
          let depth = -1;
          for (let e = n; e && !e.matches('.tree'); e = e.parentElement) if (e.matches('li')) depth++;
          return depth + ' ' + n.querySelector('code').textContent + ' = ' + n.querySelector('b').textContent + ' '
            + n.querySelector('.by').textContent.split(', doubt ')[0];
        })
        """
      #expect(try await browser.value(of: shown) as? [String] == expected)
      // How much it is doubted may differ in its last digit: it was asked with others then.
      #expect(try await browser.texts(".tree .by").contains { $0.contains(", doubt 0.") })
      // Nodes fold and unfold, by the mouse and by the keyboard.
      let isOpen = "document.querySelector('.tree details').open"
      try await browser.click(".tree summary")
      #expect(try await browser.value(of: isOpen) as? Bool == false)
      try await browser.click("button[data-unfold=true]")
      #expect(try await browser.value(of: isOpen) as? Bool == true)
      try await browser.press("\u{E014}")
      try await browser.until("location.pathname.endsWith('/2')")
    }
    pages.signal(SIGTERM)
    _ = await pages.ended()
    let report = try await program("report", "asked")
    #expect(report.status == 0)
    let file = try String(contentsOfFile: program.folder + "/asked.html", encoding: .utf8)
    let result = try program.json("runs/asked/result.json")
    #expect(file.contains(String(try #require(result["weights_sha256"] as? String).prefix(16))))
    #expect(file.contains("<svg") && file.contains("task:") && file.contains("class=\"tree\""))
  }

  @Test func anOpenPageOutlivesItsCoordinatorAndTenMayLook() async throws {
    let watched = try await Watched()
    // Nine that never read what they get, beside the browser.
    let events = watched.web + "/events?page=/"
    let others = (0..<9).map { _ in Task { try? await Web.get(events) } }
    try await withBrowser { browser in
      try await browser.open(watched.web)
      try await browser.until(Self.isLive)
      let uptime = "document.querySelector('#head p').textContent"
      let before = try #require(try await browser.value(of: uptime) as? String)
      watched.run.signal(SIGKILL)
      _ = await watched.run.ended()
      try await browser.until("document.querySelector('#connection').textContent.includes('does not answer')")
      let again = try Watched.start(watched.program, watched.address, watched.web, [])
      try await browser.until("\(Self.isLive) && \(uptime) !== '\(before)'")
      try await watched.stop(again)
    }
    for other in others { other.cancel() }
  }

  @Test func aPortInUseCostsNoRun() async throws {
    let watched = try await Watched()
    let second = try watched.program.start(
      SmallRun.arguments("second", workers: 1, "dashboard.bind=\(watched.web)", "run.rounds=3"))
    let ended = await second.ended()
    #expect(ended.status == 0 && ended.errors.contains("is in use"), "\(ended.errors)")
    let refused = try await watched.program(
      SmallRun.arguments("third", workers: 1, "dashboard.bind=http://0.0.0.0:*"))
    #expect(refused.status == 1 && refused.errors.contains("dashboard.token_file"), "\(refused.errors)")
    try await watched.stop()
  }

  @Test func prometheusReadsWhatIsCounted() async throws {
    let watched = try await Watched()
    let program = watched.program
    let target = watched.web.dropFirst("http://".count)
    try program.write(
      """
      global: {scrape_interval: 200ms}
      scrape_configs:
        - job_name: grove
          static_configs: [{targets: ["\(target)"]}]

      """, to: "prometheus.yml")
    let address = try Program.freeAddress().dropFirst("tcp://".count)
    let prometheus = try Running(
      URL(fileURLWithPath: "/usr/bin/prometheus"),
      ["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=\(address)"],
      in: program.folder)
    func ask(_ query: String) async throws -> Double? {
      var parts = try #require(URLComponents(string: "http://\(address)/api/v1/query"))
      parts.queryItems = [URLQueryItem(name: "query", value: query)]
      // While it starts, it does not answer, or only that it starts.
      guard let (status, data) = try? await Web.get(try #require(parts.string)), status == 200 else { return nil }
      let answer = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      let results = (answer?["data"] as? [String: Any])?["result"] as? [[String: Any]]
      return (results?.first?["value"] as? [Any])?.last.flatMap { Double("\($0)") }
    }
    // Two looks at it are needed for what grows.
    while try await ask("rate(grove_rounds_total[10s]) > 0") == nil { try #require(prometheus.isRunning) }
    #expect(try await ask("up{job=\"grove\"}") == 1)
    #expect(try await ask("grove_workers{state=\"up\"}") == 2)
    #expect(try await ask("grove_accuracy_ratio{answerer=\"student\",class=\"all\"}") != nil)
    #expect(try await ask("sum(grove_call_duration_seconds_count{method=\"grow\"}) > 0") != nil)
    #expect(try await ask("grove_sent_bytes_total > 100000") != nil)
    prometheus.signal(SIGTERM)
    _ = await prometheus.ended()

    try program.write(
      String(decoding: try await Web.get(watched.web + "/metrics").body, as: UTF8.self), to: "metrics.txt")
    let checked = await
      (try Running(
        URL(fileURLWithPath: "/bin/sh"), ["-c", "promtool check metrics < metrics.txt"], in: program.folder)).ended()
    #expect(
      checked.status == 0 && checked.output.isEmpty && checked.errors.isEmpty, "\(checked.output)\(checked.errors)")
    try await watched.stop()
  }

  @Test func aRunDoesNotWaitForThoseWhoLook() async throws {
    let program = try Program()
    let web = try Program.freeAddress().replacing("tcp:", with: "http:")
    let run = try program.start(
      SmallRun.arguments("looked-at", workers: 1, "dashboard.bind=\(web)", "run.rounds=30"))
    #expect(await run.line(containing: "student") != nil)
    let viewer = Task { try? await Web.get(web + "/events?page=/") }
    #expect(await run.ended().status == 0)
    viewer.cancel()
  }
}
