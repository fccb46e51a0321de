import Foundation
import Tasks
import Testing

@testable import Oversight

/// Whether the desk's page alone tells somebody what to do.
@Suite(.serialized) struct ReaderTests {
  @Test(.timeLimit(.minutes(3)), arguments: ["permutation", "wildcard"])
  func whoReadsOnlyThePageTakesTenQuestionsApart(_ task: String) async throws {
    let program = try Program()
    let web = try Program.freeAddress().replacing("tcp:", with: "http:")
    let run = try program.start(
      ["run", "--name", "read", "--workers", "1", "--json"]
        + SmallRun.settings([
          "task.name=\(task)", "overseer.kind=human", "overseer.patience=0", "oversight.twice=0",
          "dashboard.bind=\(web)",
        ]))
    func page(_ form: [String: String]? = nil) async throws -> String? {
      let answer = try? await Web.desk(
        web + (form == nil ? "/desk" : "/desk/say"), form, headers: ["Grove-Name": "reader"], accept: "text/html")
      return answer.map { String(decoding: $0.body, as: UTF8.self) }
    }
    var (decided, lines, started) = (0, 0, ContinuousClock.now)
    var seen = try await page()
    while decided < 10 {
      try #require(run.isRunning)
      guard let text = seen, let reader = Reader(text) else {
        // A batch is done: the page asks whether one is sure.
        let isSure = seen?.contains("value=\"sure\"") == true
        seen = try await page(isSure ? ["text": "sure", "item": "", "step": "0"] : nil)
        continue
      }
      if lines == 0 { started = .now }
      let line = try reader.line()
      seen = try await page(reader.fields.merging(["text": line]) { $1 })
      if seen?.contains("id=\"doubt\"") == true {
        // What is asked about once more is what the guide says, here.
        seen = try await page(reader.fields.merging(["text": line, "again": "1"]) { $1 })
      }
      #expect(seen?.contains("id=\"problem\"") != true, "\(line) about \(reader.question)")
      lines += 1
      if line.hasPrefix("=") { decided += 1 }
    }
    let seconds = started.duration(to: .now) / .seconds(1)
    print("\(task): ten decompositions by the page alone, \(lines) lines, in \(String(format: "%.1f", seconds)) s")
    // After the tenth it waits for good, whenever it was that it said so.
    let waits = await run.line(containing: "the run waits for people: ", ofErrors: true)
    #expect(waits?.contains("decide at \(web)/desk or with grove review read") == true, "\(waits ?? "")")
    run.signal(SIGTERM)
    _ = await run.ended()
    try await expectWhatTheScriptWouldDo(task, program)
  }

  /// The task's own overseer would have gone on in the same way.
  private func expectWhatTheScriptWouldDo(_ name: String, _ program: Program) async throws {
    let task = try TaskCatalog.grove.task(name, size: 5)
    let shown = try await program("review", "read", "--mine", "--as", "reader", "--json")
    let own = try JSONDecoder().decode([Ledger.Line].self, from: Data(shown.output.utf8))
    #expect(own.count == 10, "\(shown.output)")
    for judgment in own {
      let steps = judgment.steps.map { step -> DeskView.Step in
        let parts = step.split(separator: " by ")[0].split(separator: " = ")
        return DeskView.Step(question: String(parts[0]), answer: String(parts[1]), by: "")
      }
      for count in 0...steps.count {
        let item = DeskView.Item(
          id: "", kind: .decomposition, question: judgment.question, facts: nil, steps: Array(steps.prefix(count)),
          stepsLeft: 0, nodes: [], step: 0, leaseSeconds: 0)
        let expected = count < steps.count ? steps[count].question : judgment.decision
        #expect(try ScriptedPerson(task).line(about: item) == expected)
      }
    }
  }
}
