import Foundation
import Reference
import Tasks
import Testing

@testable import Oversight

/// People at the desk of real runs: in a real browser, in the terminal, and through kills.
@Suite(.serialized) struct PeopleTests {
  private let task = Permutation(size: 5, bits: 3)

  /// A person at a desk, who uses a program.
  private struct Seat: Sendable {
    let web: String
    let person: String

    /// What they see; nil if the desk is not open now. - Parameter text: nil: they only look.
    func say(_ text: String? = nil, about item: DeskView.Item? = nil) async throws -> DeskView? {
      let form = text.map { ["text": $0, "item": item?.id ?? "", "step": "\(item?.step ?? 0)", "final": "1"] }
      guard
        let answer = try? await Web.desk(
          web + (text == nil ? "/desk" : "/desk/say"), form, headers: ["Grove-Name": person])
      else { return nil }
      return try? JSONDecoder().decode(DeskView.self, from: answer.body)
    }
  }

  /// A run that asks people, and where their desk is.
  private final class Asked {
    let program: Program
    let web: String
    let address: String
    private let settings: [String]
    private(set) var run: Running

    init(_ program: Program, _ name: String, _ more: [String]) throws {
      self.program = program
      web = try Program.freeAddress().replacing("tcp:", with: "http:")
      address = try Program.freeAddress()
      settings =
        ["run", "--name", name, "--workers", "2", "--json"]
        + SmallRun.settings(
          [
            "overseer.kind=human", "overseer.patience=0", "overseer.choice=random", "oversight.twice=0",
            "cluster.bind=\(address)",
            "dashboard.bind=\(web)",
          ] + more)
      run = try program.start(settings)
    }

    /// The coordinator is killed, and started again by the same command.
    func killCoordinator() async throws {
      let children = run.children
      run.signal(SIGKILL)
      _ = await run.ended()
      // Its workers re-join the next one by themselves.
      for child in children { kill(child, SIGKILL) }
      run = try program.start(settings)
    }

    func ended() async throws {
      let ended = await run.ended()
      #expect(ended.status == 0, "\(ended.errors)")
    }

    /// A question for a person.
    func question(for person: String) async throws -> DeskView.Item {
      while true {
        if let item = try await seat(person).say()?.item { return item }
        if !run.isRunning {
          let ended = await run.ended()
          Issue.record("the run ended with \(ended.status) while \(person) waited for a question: \(ended.errors)")
          throw CancellationError()
        }
      }
    }

    func seat(_ person: String) -> Seat { Seat(web: web, person: person) }

    /// Has the task's script decide in a person's place until the run ends.
    func scripted() async throws {
      let review = try program.start(["review", name, "--scripted", "--dashboard", web])
      try await ended()
      #expect(await review.ended().status == 0)
    }

    private var name: String { settings[2] }
  }

  private func result(_ name: String, of program: Program) throws -> [String: String] {
    let result = try program.json("runs/\(name)/result.json")
    return Dictionary(
      ["weights_sha256", "human_decompositions", "amplified_questions", "sub_questions"].map {
        ($0, "\(result[$0] ?? "")")
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Judgments as `grove export` writes them.
  private func judgments(_ name: String, of program: Program) async throws -> [[String: Any]] {
    let ended = try await program("export", name, "--what", "transcripts", "--out", "\(name).jsonl")
    #expect(ended.status == 0, "\(ended.errors)")
    return try String(contentsOfFile: program.folder + "/\(name).jsonl", encoding: .utf8).split(separator: "\n")
      .compactMap {
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      }
  }

  @Test func aPersonInTheBrowserDecidesAsTheScriptAndTheBitsAreTheSame() async throws {
    let program = try Program()
    // H′ is trusted after 300 decompositions, however well it does.
    let settings = [
      "overseer.decompositions=600", "overseer.per_round=20", "overseer.trust_loss=0", "overseer.steps=5",
      "overseer.choice=uncertain", "overseer.candidates=4",
    ]
    let asked = try Asked(program, "people", settings)
    _ = try await asked.question(for: "ada")
    let browser = try await Browser()
    do {
      try await browser.open(asked.web + "/desk")
      try await browser.type("input[name=name]", "ada\n")
      try await decide(in: browser, asked, count: 300)
    } catch {
      try? await browser.quit()
      throw error
    }
    try await browser.quit()
    // What H′ is not sure of after that, the terminal is asked.
    try await asked.scripted()
    let script = try await program(
      ["run", "--name", "script", "--workers", "1"] + SmallRun.settings(settings))
    #expect(script.status == 0, "\(script.errors)")
    #expect(try result("people", of: program) == result("script", of: program))
    let judgments = try await judgments("people", of: program)
    #expect(judgments.count { $0["person"] as? String == "ada" } == 300)
  }

  /// X and H′ are language models: what people take apart are texts.
  @Test func peopleTakeSumsApartForALanguageModel() async throws {
    let program = try Program()
    try TinyLanguageModel().write(to: program.folder + "/tiny")
    let settings = [
      "model.kind=language", "model.weights=tiny", "model.lora_rank=3", "task.name=addition", "task.size=2",
      "task.start=2", "task.bits=3", "amplification.questions=1", "distillation.batch=12", "distillation.replay=1000",
      "overseer.decompositions=60", "overseer.per_round=10", "overseer.trust_loss=0", "overseer.steps=3",
      "overseer.batch=8", "run.rounds=8",
    ]
    let asked = try Asked(program, "people", settings)
    try await asked.scripted()
    let script = try await program(["run", "--name", "script", "--workers", "1"] + SmallRun.settings(settings))
    #expect(script.status == 0, "\(script.errors)")
    #expect(try result("people", of: program) == result("script", of: program))
    let judgments = try await judgments("people", of: program)
    let questions = judgments.compactMap { ($0["tree"] as? [String: Any])?["question"] as? String }
    #expect(questions.count >= 30 && questions.allSatisfy { $0.hasSuffix("=") }, "\(questions)")
  }

  private func decide(in browser: Browser, _ asked: Asked, count: Int) async throws {
    let script = ScriptedPerson(task)
    let look = """
      window.isLeft || document.readyState !== 'complete' ? null : \
      [document.querySelector('#progress b')?.textContent, document.querySelector('#question')?.textContent ?? '',
      ...[...document.querySelectorAll('#steps li')].map(li => li.querySelector('code').textContent + '=' + \
      li.querySelector('b').textContent)]
      """
    while true {
      // The page that was typed into is gone.
      guard let page = try await browser.value(of: look) as? [String?] else { continue }
      let seen = page.map { $0 ?? "" }
      if Int(seen[0]) == count { return }
      guard !seen[1].isEmpty else {
        try #require(asked.run.isRunning)
        // Of a batch's last judgment one is asked whether one is sure.
        let isLast =
          try await browser.value(of: "document.querySelector('button[value=sure]') != null") as? Bool == true
        if isLast {
          // Unless the page has gone on by itself meanwhile.
          try? await browser.click("button[value=sure]")
        } else {
          try await browser.open(asked.web + "/desk")
        }
        continue
      }
      let steps = seen.dropFirst(2).map { step in
        let parts = step.split(separator: "=")
        return DeskView.Step(question: String(parts[0]), answer: String(parts[1]), by: "")
      }
      let item = DeskView.Item(
        id: "", kind: .decomposition, question: seen[1], facts: nil, steps: steps, stepsLeft: 0, nodes: [], step: 0,
        leaseSeconds: 0)
      _ = try await browser.value(of: "window.isLeft = true")
      try await browser.type("#line", try script.line(about: item) + "\n")
    }
  }

  @Test func killsBetweenAClickAndItsAnswerLoseNothingAndCountNothingTwice() async throws {
    let program = try Program()
    let asked = try Asked(program, "people", [])
    let (script, seat) = (ScriptedPerson(task), asked.seat("ada"))
    for place in 0..<5 {
      for _ in 0..<(3 + 2 * place) {
        let item = try await asked.question(for: "ada")
        _ = try await seat.say(script.line(about: item), about: item)
      }
      // The click is on its way when the coordinator dies; the person does not know whether it arrived, and repeats it.
      let item = try await asked.question(for: "ada")
      let line = try script.line(about: item)
      async let click = seat.say(line, about: item)
      if place.isMultiple(of: 2) { _ = try await click }
      try await asked.killCoordinator()
      _ = try await click
      while try await seat.say(line, about: item) == nil { try #require(asked.run.isRunning) }
    }
    try await asked.scripted()
    let calm = try await program(SmallRun.arguments("script", workers: 1))
    #expect(calm.status == 0, "\(calm.errors)")
    #expect(try result("people", of: program) == result("script", of: program))
    let judgments = try await judgments("people", of: program)
    let questions = judgments.map { "\($0["round"] ?? "").\($0["place"] ?? "")" }
    #expect(Set(questions).count == questions.count)
    #expect("\(questions.count)" == (try result("script", of: program)["human_decompositions"]))
  }

  @Test func aRunWithoutAJudgmentThatWasRetractedIsOneThatNeverHadIt() async throws {
    let program = try Program()
    let never = try Asked(program, "never", [])
    let script = ScriptedPerson(task)
    var passed = false
    while !passed {
      let item = try await never.question(for: "scripted")
      passed = item.id == "d4.2"
      _ = try await never.seat("scripted").say(passed ? "pass" : script.line(about: item), about: item)
    }
    try await never.scripted()
    let had = try Asked(program, "had", [])
    try await had.scripted()
    #expect(try result("had", of: program) != result("never", of: program))

    let judgments = try await judgments("had", of: program)
    let number = try #require(
      judgments.first { $0["round"] as? Int == 4 && $0["place"] as? Int == 2 }?["judgment"] as? String)
    let foretold = try await program(
      "provenance", "had", "--without", "\(number.split(separator: ":")[1])", "--json")
    let facts = try #require(try JSONSerialization.jsonObject(with: Data(foretold.output.utf8)) as? [String: Any])
    #expect(facts["first"] as? Int == 4 && facts["from"] as? Int == 0)
    let retracted = try await program("retract", number, "--later")
    #expect(retracted.status == 0 && retracted.output.contains("Round 4 was the first to learn"), "\(retracted.errors)")
    #expect(!FileManager.default.fileExists(atPath: program.folder + "/runs/had/result.json"))

    let anew = try program.start(["run", "--name", "had", "--json", "--config", "runs/had/config.yaml"])
    let person = try program.start(["review", "had", "--scripted", "--dashboard", had.web])
    #expect(await anew.ended().status == 0)
    _ = await person.ended()
    #expect(try result("had", of: program) == result("never", of: program))
    let after = try await self.judgments("had", of: program)
    #expect(after.first { $0["judgment"] as? String == number }?["standing"] as? String == "withdrawn")
    #expect(try await program("retract", number).errors.contains("is withdrawn already"))
  }

  @Test(arguments: ["hold", "pass", "drop"]) func whatIsHeldBackIsLearnedOnlyAsThePolicySays(_ policy: String)
    async throws
  {
    let program = try Program()
    // All of X's answers are checked: what is learned is true, if anybody checks.
    let settings = [
      "overseer.kind=scripted", "overseer.error_rate=0.2", "oversight.review=0.1", "oversight.within=2",
      "oversight.view=facts", "oversight.unreviewed=\(policy)", "run.rounds=8",
    ]
    let asked = try Asked(program, "checked", settings)
    if policy == "hold" {
      try await asked.scripted()
    } else {
      try await asked.ended()
    }
    let judgments = try await judgments("checked", of: program)
    let expected = ["hold": "reviewed", "pass": "learned without review", "drop": "dropped without review"][policy]
    // 7.2 of 72 answers in each round, of which those of the last two are not due.
    #expect((40...48).contains(judgments.count { $0["taken"] as? Int != nil }))
    #expect(judgments.allSatisfy { $0["verdict"] as? String == expected })
    guard policy == "hold" else { return }
    let again = try Asked(program, "again", settings)
    _ = try await again.question(for: "scripted")
    try await again.killCoordinator()
    try await again.scripted()
    #expect(try result("again", of: program) == result("checked", of: program))
  }

  @Test func whoHasNoTokenOrNoRoleDecidesNothing() async throws {
    let program = try Program()
    try program.write("ada ada-0123456789 overseer\nben ben-0123456789 viewer\n", to: "people")
    let open = try await program(SmallRun.arguments("open", workers: 1, "oversight.people_file=people"))
    #expect(open.status == 1 && open.errors.contains("others can read the tokens in people; forbid it with chmod 600"))
    chmod(program.folder + "/people", 0o600)
    let asked = try Asked(program, "people", ["oversight.people_file=people", "run.rounds=2"])
    func status(_ headers: [String: String]) async throws -> Int {
      let form = ["text": "= 1", "item": "d1.1", "step": "0"]
      while true {
        if let answer = try? await Web.desk(asked.web + "/desk/say", form, headers: headers) { return answer.status }
        try #require(asked.run.isRunning)
      }
    }
    #expect(try await status([:]) == 401)
    #expect(try await status(["Grove-Name": "ada"]) == 401)
    #expect(try await status(["Authorization": "Bearer ada-0123456780"]) == 401)
    #expect(try await status(["Authorization": "Bearer ben-0123456789"]) == 403)
    #expect(try await status(["Authorization": "Bearer ada-0123456789", "Origin": "http://example.org"]) == 403)
    // The desk is asked itself, whatever proxy there is for pages elsewhere.
    let refused = try await program.start(
      ["review", "people", "--as", "ada", "--dashboard", asked.web],
      environment: ["http_proxy": "http://127.0.0.1:1", "all_proxy": "http://127.0.0.1:1"]
    ).ended()
    #expect(
      refused.status == 1 && refused.errors.contains("does not know you: give your token with --token-file"),
      "\(refused.errors)")
    try program.write("ada-0123456789\n", to: "token")
    let review = try await program("review", "people", "--scripted", "--token-file", "token", "--dashboard", asked.web)
    #expect(review.status == 0, "\(review.errors)")
    try await asked.ended()
    #expect(try await judgments("people", of: program).allSatisfy { $0["person"] as? String == "ada" })
  }
}
