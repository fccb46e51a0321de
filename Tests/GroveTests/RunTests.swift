import Forwarder
import Foundation
import Testing

/// Whole runs of real processes, small enough for a debug build.
@Suite(.serialized) struct RunTests {
  @Test func oneTwoAndThreeWorkersGiveTheSameBits() async throws {
    let program = try Program()
    let two = try await program.undisturbed()
    #expect(try await program.undisturbed(workers: 1) == two)
    #expect(try await program.undisturbed(workers: 3) == two)
    let other = try await program(SmallRun.arguments("other", workers: 2, "run.seed=2"))
    #expect(other.status == 0)
    #expect(try program.weights(of: "other") != two)
  }

  /// Doubt, what is accepted by it, sub-questions as lessons, and facts read for each question, with one worker, and with two
  /// of which one is killed.
  @Test func whatIsAcceptedDependsOnNobody() async throws {
    let rules = [
      "amplification.depth=2", "amplification.doubt=0.5", "distillation.accept.doubt=20",
      "distillation.accept.surest=0.8",
      "distillation.inner=1", "distillation.abstain=0.2", "model.reading_layers=2",
    ].flatMap { ["--set", $0] }
    let program = try Program()
    let one = try await program(SmallRun.arguments("one", workers: 1) + rules)
    #expect(one.status == 0, "\(one.errors)")
    let run = try program.start(SmallRun.arguments("killed", workers: 2) + rules)
    #expect(await run.line(containing: "student") != nil)
    kill(try #require(run.children.first), SIGKILL)
    #expect(await run.ended().status == 0)
    #expect(try program.weights(of: "killed") == program.weights(of: "one"))
    let metrics = try String(contentsOfFile: program.folder + "/runs/one/metrics.jsonl", encoding: .utf8)
    #expect(metrics.contains("\"surest\":") && metrics.contains("\"reliability\":{"))
  }

  @Test func aKilledWorkerChangesNothing() async throws {
    let program = try Program()
    let calm = try await program.undisturbed()
    let run = try program.start(SmallRun.arguments("killed", workers: 2))
    #expect(await run.line(containing: "student") != nil)
    kill(try #require(run.children.first), SIGKILL)
    let ended = await run.ended()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(ended.errors.contains("down"))
    #expect(try program.weights(of: "killed") == calm)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGKILL]) func aStoppedRunGoesOnWhereItWas(_ signal: Int32) async throws {
    let program = try Program()
    let calm = try await program.undisturbed()
    let run = try program.start(SmallRun.arguments("stopped", workers: 2))
    #expect(await run.line(containing: "student") != nil)
    let children = run.children
    #expect(children.count == 2)
    run.signal(signal)
    let ended = await run.ended()
    for child in children { await Running.gone(child) }
    if signal != SIGKILL {
      #expect(ended.status == 4, "\(ended.errors)")
      #expect(ended.output.contains("goes on from there"))
    }
    #expect(!FileManager.default.fileExists(atPath: program.folder + "/runs/stopped/result.json"))
    let again = try await program(SmallRun.arguments("stopped", workers: 2))
    #expect(again.status == 0, "\(again.errors)")
    #expect(try program.weights(of: "stopped") == calm)
  }

  @Test func aRunGoesOnAsItBegan() async throws {
    let program = try Program()
    _ = try await program.undisturbed()
    let again = try await program(SmallRun.arguments("calm-2", workers: 2))
    #expect(again.status == 0 && again.output.contains("is finished"))
    let run = try program.start(SmallRun.arguments("other", workers: 1))
    #expect(await run.line(containing: "student") != nil)
    let second = try await program(SmallRun.arguments("other", workers: 1))
    #expect(second.status == 1 && second.errors.contains("open in another process"))
    run.signal(SIGTERM)
    #expect(await run.ended().status == 4)
    let changed = try await program(SmallRun.arguments("other", workers: 1, "model.width=64"))
    #expect(changed.status == 1 && changed.errors.contains("model.width"))
  }

  @Test func statusTellsWhatEachWorkerDoes() async throws {
    let program = try Program()
    let address = try Program.freeAddress()
    let run = try program.start(
      SmallRun.arguments("watched", workers: 2, "cluster.bind=\(address)", "run.rounds=100000"))
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
    #expect(ended.status == 4 && ended.output.contains("goes on from there"))
    for child in children { await Running.gone(child) }
  }

  @Test func aFinishedRunAnswersQuestions() async throws {
    let program = try Program()
    _ = try await program.undisturbed()
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
    #expect(wrong.status == 2 && wrong.errors.contains("f^5(12)"))
    #expect(answer["amplified_right"] as? Bool == (answer["amplified"] as? String == "2"))
    #expect(answer["student_right"] as? Bool == (answer["student"] as? String == "2"))
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
      SmallRun.arguments("paths", workers: 1, "task.name=path", "overseer.kind=scripted", "run.rounds=2"))
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
      ["coordinator", "--name", "late"] + SmallRun.arguments("late", workers: 1, "cluster.bind=\(address)").dropFirst(5)
    )
    #expect(await coordinator.ended().status == 0)
    #expect(await worker.ended().status == 0)
    #expect(try program.weights(of: "late") == (try await program.undisturbed()))
  }

  /// As behind the network of a container: where it listens, nobody else reaches it.
  @Test func aWorkerIsReachedWhereItSaysThatItIs() async throws {
    let program = try Program()
    let (address, listening) = (try Program.freeAddress(), try Program.freeAddress())
    let forwarder = try Forwarder(to: try #require(listening.split(separator: ":").last.flatMap { UInt16($0) }))
    defer { forwarder.stop() }
    let settings = SmallRun.settings(["cluster.bind=\(address)"])
    let coordinator = try program.start(
      ["coordinator", "--name", "behind"] + settings + ["--set", "run.rounds=100000"])
    // It can't be connected to itself, so that the connection between the two has to be its own.
    let near = try program.start([
      "worker", "--coordinator", address, "--name", "near", "--bind", "tcp://127.0.0.1:*", "--advertise",
      "tcp://127.0.0.1:1",
    ])
    let far = try program.start([
      "worker", "--coordinator", address, "--name", "far", "--bind", listening, "--advertise",
      "tcp://127.0.0.1:\(forwarder.port)",
    ])
    try await program.trains(coordinator, at: address, with: 2)
    coordinator.signal(SIGTERM)
    #expect(await coordinator.ended().status == 4)
    for worker in [near, far] { #expect(await worker.ended().status == 0) }
    try await program.expectTheSameBits(of: "behind", settings)
    // The other one came that way.
    #expect(!forwarder.carried.isEmpty)
  }
}
