import Foundation
import Testing

/// Whole runs of real processes, small enough for a debug build.
@Suite(.serialized) struct RunTests {
  /// Every kind of work happens: H is asked, H′ learns and takes over, questions are amplified, X is distilled.
  private static func arguments(_ name: String, workers: Int, _ more: String...) -> [String] {
    let settings =
      [
        "run.rounds=24", "run.evaluate_every=4", "run.checkpoint_every=5", "run.stop_at=2",
        "cluster.bind=tcp://127.0.0.1:*",
        "task.size=5", "overseer.decompositions=100", "overseer.width=32", "amplification.contexts=12",
        "amplification.questions=6", "distillation.steps=3", "model.width=32", "model.fact_layers=2",
        "model.question_layers=2",
      ] + more
    return ["run", "--name", name, "--workers", "\(workers)"] + settings.flatMap { ["--set", $0] }
  }

  private func weights(_ program: Program, _ name: String) throws -> String {
    let result = try program.json("runs/\(name)/result.json")
    #expect(result["finished"] as? Bool == true)
    #expect((result["steps"] as? Int ?? 0) > 0)
    #expect((result["amplified_questions"] as? Int ?? 0) > 0)
    return try #require(result["weights_sha256"] as? String)
  }

  private func undisturbed(_ program: Program, workers: Int = 2) async throws -> String {
    let ended = try await program(Self.arguments("calm-\(workers)", workers: workers))
    #expect(ended.status == 0, "\(ended.errors)")
    return try weights(program, "calm-\(workers)")
  }

  @Test func oneTwoAndThreeWorkersGiveTheSameBits() async throws {
    let program = try Program()
    let two = try await undisturbed(program)
    #expect(try await undisturbed(program, workers: 1) == two)
    #expect(try await undisturbed(program, workers: 3) == two)
    let other = try await program(Self.arguments("other", workers: 2, "run.seed=2"))
    #expect(other.status == 0)
    #expect(try weights(program, "other") != two)
  }

  @Test func aKilledWorkerChangesNothing() async throws {
    let program = try Program()
    let calm = try await undisturbed(program)
    let run = try program.start(Self.arguments("killed", workers: 2))
    #expect(await run.line(containing: "student") != nil)
    kill(try #require(run.children.first), SIGKILL)
    let ended = await run.ended()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(ended.errors.contains("down"))
    #expect(try weights(program, "killed") == calm)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGKILL]) func aStoppedRunGoesOnWhereItWas(_ signal: Int32) async throws {
    let program = try Program()
    let calm = try await undisturbed(program)
    let run = try program.start(Self.arguments("stopped", workers: 2))
    #expect(await run.line(containing: "student") != nil)
    let children = run.children
    #expect(children.count == 2)
    run.signal(signal)
    let ended = await run.ended()
    for child in children { await Running.gone(child) }
    if signal != SIGKILL {
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(ended.output.contains("goes on from there"))
    }
    #expect(!FileManager.default.fileExists(atPath: program.folder + "/runs/stopped/result.json"))
    let again = try await program(Self.arguments("stopped", workers: 2))
    #expect(again.status == 0, "\(again.errors)")
    #expect(try weights(program, "stopped") == calm)
  }

  @Test func aRunGoesOnAsItBegan() async throws {
    let program = try Program()
    _ = try await undisturbed(program)
    let again = try await program(Self.arguments("calm-2", workers: 2))
    #expect(again.status == 0 && again.output.contains("is finished"))
    let run = try program.start(Self.arguments("other", workers: 1))
    #expect(await run.line(containing: "student") != nil)
    let second = try await program(Self.arguments("other", workers: 1))
    #expect(second.status == 1 && second.errors.contains("open in another process"))
    run.signal(SIGTERM)
    #expect(await run.ended().status == 0)
    let changed = try await program(Self.arguments("other", workers: 1, "model.width=64"))
    #expect(changed.status == 1 && changed.errors.contains("model.width"))
  }

  @Test func statusTellsWhatEachWorkerDoes() async throws {
    let program = try Program()
    let address = try Program.freeAddress()
    let run = try program.start(
      Self.arguments("watched", workers: 2, "cluster.bind=\(address)", "run.rounds=100000"))
    #expect(await run.line(containing: "student") != nil)
    let children = Set(run.children)
    // The rates are of the last seconds, so they may need another moment: each look takes one.
    while true {
      let ended = try await program("status", "--json", "--coordinator", address)
      try #require(ended.status == 0, "\(ended.errors)")
      let status = try #require(try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any])
      let workers = try #require(status["workers"] as? [[String: Any]])
      #expect(Set(workers.compactMap { ($0["pid"] as? Int).map(Int32.init) }) == children)
      #expect(workers.allSatisfy { $0["state"] as? String == "up" && ($0["model_version"] as? Int ?? 0) > 0 })
      #expect(workers.allSatisfy { ($0["rss_bytes"] as? Int ?? 0) > 0 })
      let done = workers.compactMap { $0["shards_done"] as? Int }
      let rates = workers.flatMap { [$0["questions_per_s"], $0["gradients_per_s"]] }.compactMap { $0 as? Double }
      guard rates.count == 4, rates.allSatisfy({ $0 > 0 }) else { continue }
      #expect(done.allSatisfy { $0 * 5 > done.reduce(0, +) }, "one worker does nearly all: \(done)")
      break
    }
    let text = try await program("status", "--coordinator", address)
    #expect(text.output.contains("worker-1") && text.output.contains("watched"))
    let stop = try await program("stop", "--coordinator", address)
    #expect(stop.status == 0)
    let ended = await run.ended()
    #expect(ended.status == 0 && ended.output.contains("goes on from there"))
    for child in children { await Running.gone(child) }
  }

  @Test func aFinishedRunAnswersQuestions() async throws {
    let program = try Program()
    _ = try await undisturbed(program)
    try program.write("f(1)=2\nf(2)=3\nf(3)=1\nf(4)=5\nf(5)=4\n", to: "facts.txt")
    let asked = try await program("ask", "calm-2", "f^5(3)", "--context", "facts.txt", "--depth", "3", "--json")
    try #require(asked.status == 0, "\(asked.errors)")
    let answer = try #require(try JSONSerialization.jsonObject(with: Data(asked.output.utf8)) as? [String: Any])
    #expect(answer["truth"] as? String == "2")
    #expect(answer["question"] as? String == "f^5(3)")
    func expectLeaves(_ node: [String: Any]) throws {
      let author = try #require(node["by"] as? String)
      let children = try #require(node["children"] as? [[String: Any]])
      if children.isEmpty {
        #expect(["look-up", "teacher", "student", "malformed", "H′"].contains { author.hasPrefix($0) }, "\(author)")
      } else {
        #expect(author.hasPrefix("H"))
      }
      for child in children { try expectLeaves(child) }
    }
    try expectLeaves(try #require(answer["tree"] as? [String: Any]))
    let wrong = try await program("ask", "calm-2", "g(3)")
    #expect(wrong.status == 1 && wrong.errors.contains("f^5(12)"))
    let eval = try await program("eval", "calm-2", "--count", "20", "--json")
    let accuracy = try #require(try JSONSerialization.jsonObject(with: Data(eval.output.utf8)) as? [String: Any])
    for name in ["student", "teacher", "amplified"] {
      #expect((0...1).contains(try #require(accuracy[name] as? Double)))
    }
    #expect((accuracy["by_class"] as? [String: Any])?.isEmpty == false)
  }

  @Test func eachOfSeveralRightAnswersIsMarkedRight() async throws {
    let program = try Program()
    let ended = try await program(
      Self.arguments("paths", workers: 1, "task.name=path", "overseer.kind=scripted", "run.rounds=2"))
    try #require(ended.status == 0, "\(ended.errors)")
    var others = 0
    for neighbors in 2...5 {
      try program.write((2...neighbors).map { "1->\($0)\n" }.joined(), to: "edges.txt")
      let asked = try await program("ask", "paths", "neighbor 1", "--context", "edges.txt")
      let lines = asked.output.split(separator: "\n").map { $0.split(separator: " ") }
      let amplified = try #require(lines.first { $0.first == "amplified" }, "\(asked.errors)")
      #expect(amplified.last == "right")
      if amplified[1] != lines.first(where: { $0.first == "truth" })?.last { others += 1 }
    }
    #expect(others > 0)
  }

  @Test func aWorkerWaitsForItsCoordinator() async throws {
    let program = try Program()
    let address = try Program.freeAddress()
    let worker = try program.start(["worker", "--coordinator", address, "--name", "early"])
    #expect(await worker.line(containing: "still trying", ofErrors: true)?.contains(address) == true)
    let coordinator = try program.start(
      ["coordinator", "--name", "late"] + Self.arguments("late", workers: 1, "cluster.bind=\(address)").dropFirst(5))
    #expect(await coordinator.ended().status == 0)
    #expect(await worker.ended().status == 0)
    #expect(try weights(program, "late") == (try await undisturbed(program)))
  }
}
