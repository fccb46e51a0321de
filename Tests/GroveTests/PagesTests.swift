import Foundation
import Testing

/// All pages of finished runs, by whom they are asked for, and in a real browser.
@Suite(.serialized) struct PagesTests {
  /// A finished run, another one, and three whose measurements are damaged, and the pages about them.
  private struct Shown {
    let program: Program
    let pages: Running
    let web: String

    init() async throws {
      program = try Program()
      let ended = try await program(
        SmallRun.arguments(
          "first", workers: 1, "distillation.learning_rate=0.001", "run.rounds=20", "run.evaluate_every=2"))
      try #require(ended.status == 0, "\(ended.errors)")
      let runs = program.folder + "/runs/"
      let settings = try String(contentsOfFile: runs + "first/config.yaml", encoding: .utf8)
      // Of those that are compared, one setting differs.
      let parts = settings.split(separator: "distillation:", maxSplits: 1)
      let other = parts[0] + "distillation:" + parts[1].replacing("learning_rate: 0.001", with: "learning_rate: 0.002")
      for name in ["second", "cut", "garbled", "bare"] {
        try FileManager.default.copyItem(atPath: runs + "first", toPath: runs + name)
        try program.write(String(other), to: "runs/\(name)/config.yaml")
      }
      let lines = try String(contentsOfFile: runs + "first/metrics.jsonl", encoding: .utf8).split(separator: "\n")
      try program.write(lines.dropLast().joined(separator: "\n") + "\n", to: "runs/cut/metrics.jsonl")
      try program.write(
        ([lines[0], "{garbage"] + lines.dropFirst(2)).joined(separator: "\n") + "\n", to: "runs/garbled/metrics.jsonl")
      try FileManager.default.removeItem(atPath: runs + "bare/metrics.jsonl")
      pages = try program.start(["dashboard", "--set", "dashboard.bind=http://127.0.0.1:*"])
      let line = try #require(await pages.line(containing: "http://"))
      web = String(try #require(line.split(separator: " ").first { $0.hasPrefix("http://") }).dropLast())
    }

    func text(_ path: String) async throws -> String {
      String(decoding: try await Web.get(web + path).body, as: UTF8.self)
    }
  }

  @Test func pagesOfFinishedRunsAreWhole() async throws {
    let shown = try await Shown()
    try await inTheBrowserEveryPageHasItsStyle(shown)
    try await runsAreChosenSortedAndCompared(shown)
    try await filesAreHad(shown)
    try await whatIsLostIsSaid(shown)
    shown.pages.signal(SIGTERM)
    _ = await shown.pages.ended()
  }

  private func inTheBrowserEveryPageHasItsStyle(_ shown: Shown) async throws {
    let browser = try await Browser()
    do {
      for path in [
        "/", "/runs", "/runs?sort=name&filter=first", "/compare?run=first&run=second", "/runs/first",
        "/runs/first/trees", "/runs/first/trees/20/1", "/runs/first/report", "/desk/enter",
        "/documents", "/documents/Overseeing.md", "/nowhere",
      ] {
        try await browser.open(shown.web + path)
        let style = "getComputedStyle(document.querySelector('main')).maxWidth"
        #expect(try await browser.value(of: style) as? String == "1536px", "\(path)")
        let isWide = "document.documentElement.scrollWidth <= window.innerWidth"
        #expect(try await browser.value(of: isWide) as? Bool == true, "\(path)")
        let said = try await browser.log().filter { !$0.contains("404 (Not Found)") || path != "/nowhere" }
        #expect(said.isEmpty, "\(path): \(said)")
      }
      // A tree that is reviewed is one: what is further in is seen to be.
      let tree = """
        (() => {
          const box = document.createElement('div'), list = document.createElement('ul');
          [box.className, list.className] = ['tree', 'nodes'];
          list.innerHTML = '<li class="depth0">a</li><li class="depth1">b</li><li class="depth8">c</li>';
          box.append(list);
          document.querySelector('main').append(box);
          return [...list.children].map(node => parseFloat(getComputedStyle(node).paddingLeft));
        })()
        """
      let margins = try #require(try await browser.value(of: tree) as? [Double])
      #expect(margins.count == 3 && margins[0] + 20 < margins[1] && margins[1] + 100 < margins[2], "\(margins)")
      // What is drawn over is shown larger, and the values there are said.
      try await browser.open(shown.web + "/compare?run=first&run=second")
      #expect(try await browser.value(of: "document.querySelectorAll('.lines polyline').length > 6") as? Bool == true)
      let drag = """
        (() => {
          const lines = document.querySelector('.lines'), box = lines.getBoundingClientRect();
          const at = (type, x, y) => lines.dispatchEvent(new PointerEvent(type, { bubbles: true, button: 0,
            clientX: box.left + x * box.width, clientY: box.top + y * box.height }));
          at('pointermove', 0.5, 0.5); at('pointerdown', 0.25, 0.25); at('pointerup', 0.75, 0.75);
          return [document.querySelector('.tip').textContent, lines.getAttribute('viewBox'),
            document.querySelector('figure text.y').textContent];
        })()
        """
      let found = try #require(try await browser.value(of: drag) as? [String])
      #expect(found[0].contains("steps") && found[0].contains("first") && found[0].contains("second"), "\(found)")
      let box = found[1].split(separator: " ").compactMap { Double($0) }
      #expect(box.count == 4 && box[0] > 60 && box[0] < 100 && box[2] > 140 && box[2] < 190, "\(found)")
    } catch {
      try? await browser.quit()
      throw error
    }
    try await browser.quit()
  }

  private func runsAreChosenSortedAndCompared(_ shown: Shown) async throws {
    func names(_ query: String) async throws -> [String] {
      try await shown.text("/runs?" + query).matches(of: /name="run" value="([^"]*)"/).map { String($0.1) }
    }
    #expect(try await names("sort=name") == ["bare", "cut", "first", "garbled", "second"])
    #expect(try await names("sort=-name") == ["second", "garbled", "first", "cut", "bare"])
    #expect(try await names("filter=distillation.learning_rate%3D0.001") == ["first"])
    #expect(try await names("filter=permutation+sec") == ["second"])
    #expect(try await names("sort=distillation.learning_rate").first == "first")
    // Only the setting that differs has a column.
    let list = try await shown.text("/runs")
    #expect(list.contains("sort=-distillation.learning_rate") && !list.contains("sort=-model.width"))
    for (query, sentence) in [
      ("/runs?sort=weight", "allowed are name, task"), ("/runs?page=0", "whole numbers from 1"),
      ("/compare", "Say which runs"), ("/compare?run=first&x=miles", "allowed are steps, minutes and decompositions"),
      ("/compare?run=first&run=none", "There is no run “none”"),
    ] { #expect(try await shown.text(query).contains(sentence), "\(query)") }
    for axis in ["steps", "minutes", "decompositions"] {
      let page = try await shown.text("/compare?run=first&run=second&x=\(axis)")
      #expect(page.contains(">0.001<") || page.contains("0.001</code>"), "\(axis)")
      #expect(page.utf8.count < 40_000)
    }
  }

  private func filesAreHad(_ shown: Shown) async throws {
    let runs = shown.program.folder + "/runs/first/"
    for file in ["metrics.jsonl", "result.json", "config.yaml"] {
      let kept = try Data(contentsOf: URL(fileURLWithPath: runs + file))
      #expect(try await Web.get(shown.web + "/runs/first/" + file).body == kept, "\(file)")
    }
    let table = try await shown.text("/runs/first/metrics.csv").split(separator: "\r\n")
    #expect(table.count == 6 && table[0].hasPrefix("round,steps,wall_seconds") && table[5].hasPrefix("20,"))
    #expect(table[0].contains(",learning_rate,memory_bytes,"))
    for what in ["transcripts", "dataset", "weights"] {
      let ended = try await shown.program("export", "first", "--what", what, "--out", what)
      #expect(ended.status == 0, "\(ended.errors)")
      let exported = try Data(contentsOf: URL(fileURLWithPath: shown.program.folder + "/" + what))
      #expect(try await Web.get(shown.web + "/runs/first/" + what).body == exported, "\(what)")
    }
    let list = try JSONSerialization.jsonObject(with: try await Web.get(shown.web + "/runs.json?sort=name").body)
    let rows = try #require(list as? [[String: Any]])
    #expect(rows.count == 5 && rows[2]["name"] as? String == "first" && rows[2]["rounds"] as? Int == 20)
    #expect((rows[2]["settings"] as? [String: String])?["distillation.learning_rate"] == "0.001")
  }

  private func whatIsLostIsSaid(_ shown: Shown) async throws {
    let list = try await shown.text("/runs")
    #expect(list.contains("metrics.jsonl ends at round 18") && list.contains("nothing in it can be read"))
    for (run, sentence) in [
      ("cut", "metrics.jsonl lacks what was measured in round 20"),
      ("garbled", "metrics.jsonl, line 2, can&#39;t be"), ("garbled", "lacks what was measured in round 14"),
      ("bare", "metrics.jsonl is gone or empty"),
    ] {
      for page in ["/runs/\(run)", "/runs/\(run)/report", "/compare?run=\(run)"] {
        #expect(try await shown.text(page).contains(sentence), "\(page)")
      }
    }
    #expect(!(try await shown.text("/runs/first")).contains("metrics.jsonl lacks"))
  }
}
