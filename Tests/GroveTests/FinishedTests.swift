import Foundation
import Testing

/// What is asked of a run that is finished is what it was made with, or it is refused.
@Suite(.serialized) struct FinishedTests {
  private func bytes(_ program: Program, _ file: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(program.folder)/runs/s/\(file)"))
  }

  @Test func aFinishedRunIsNotShownUnderOtherSettings() async throws {
    let program = try Program()
    let made = try await program(SmallRun.arguments("s", workers: 1, "run.rounds=12"))
    try #require(made.status == 0, "\(made.errors)")
    let (configuration, result) = (try bytes(program, "config.yaml"), try bytes(program, "result.json"))
    for (settings, sentences) in [
      (["run.seed=5", "model.width=16"], ["run.seed was 1 and is 5", "model.width was 32 and is 16", "--name"]),
      (["task.name=path"], ["task.name was permutation and is path"]),
      (["run.rounds=20"], ["run.rounds was 12 and is 20", "grove run --continue s --set run.rounds=20"]),
    ] {
      let asked = ["run", "--name", "s", "--json"] + SmallRun.settings(["run.rounds=12"] + settings)
      let refused = try await program(asked)
      #expect(refused.status == 1 && refused.output.isEmpty, "\(settings): \(refused.output)")
      for sentence in sentences { #expect(refused.errors.contains(sentence), "\(refused.errors)") }
    }
    // Where, by how many and how it is looked at are no settings of the run's.
    let same = try await program(
      SmallRun.arguments("s", workers: 2, "run.rounds=12", "run.checkpoint_every=7", "oversight.lease_s=10")
        + ["--json"])
    #expect(same.status == 0 && Data((same.output).utf8) == result, "\(same.errors)")
    #expect(try bytes(program, "config.yaml") == configuration)
    try await expectMissingMeasurementsAreSaid(program)
    try await expectNothingIsWrittenWithoutAJournal(program)
  }

  private func expectMissingMeasurementsAreSaid(_ program: Program) async throws {
    let path = "\(program.folder)/runs/s/metrics.jsonl"
    let lines = try String(contentsOfFile: path, encoding: .utf8)
    let shown = SmallRun.arguments("s", workers: 1, "run.rounds=12")
    let whole = try await program(shown)
    #expect(whole.status == 0 && !whole.errors.contains("metrics.jsonl"), "\(whole.errors)")
    // In the middle of a line, and all of it.
    for left in [lines.count - 20, 0] {
      try String(lines.prefix(left)).write(toFile: path, atomically: true, encoding: .utf8)
      let ended = try await program(shown)
      #expect(ended.status == 0 && ended.errors.contains("metrics.jsonl "), "\(ended.errors)")
    }
  }

  private func expectNothingIsWrittenWithoutAJournal(_ program: Program) async throws {
    let folder = "\(program.folder)/runs/s"
    func files() throws -> [String] { try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() }
    for file in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"] {
      try? FileManager.default.removeItem(atPath: "\(folder)/\(file)")
    }
    let before = try files()
    for command in [SmallRun.arguments("s", workers: 1, "run.rounds=12"), ["ask", "s", "f^2(1)"], ["eval", "s"]] {
      let refused = try await program(command)
      #expect(refused.status == 1 && refused.errors.contains("the run s has lost its journal"), "\(refused.errors)")
      #expect(try files() == before)
    }
    let other = try await program("ask", "t", "f^2(1)")
    #expect(other.errors == "grove: there is no run t in runs", "\(other.errors)")
  }

  @Test func aRunGoesOnAsIfItHadHadMoreRoundsFromTheStart() async throws {
    let program = try Program()
    for (name, rounds) in [("short", 12), ("long", 20)] {
      let made = try await program(SmallRun.arguments(name, workers: 1, "run.rounds=\(rounds)"))
      try #require(made.status == 0, "\(made.errors)")
    }
    for (more, sentence) in [
      ([], "is finished after 12 rounds"), (["--set", "model.width=64"], "model.width was 32 and is 64"),
      (["--set", "run.rounds=20", "--seed", "5"], "run.seed was 1 and is 5"),
    ] {
      let refused = try await program(["run", "--continue", "short"] + more)
      #expect(refused.status == 1 && refused.errors.contains(sentence), "\(refused.errors)")
    }
    #expect(try await program("run", "--continue", "short", "--name", "other").status == 2)

    // What it had come to stays until it has come to more.
    let going = try program.start(["run", "--continue", "short", "--set", "run.rounds=100000"])
    #expect(await going.line(containing: "round 16 ") != nil)
    let children = going.children
    going.signal(SIGKILL)
    for child in children { await Running.gone(child) }
    let ended = await going.ended()
    #expect(ended.output.contains("goes on after round 12"), "\(ended.output)")
    #expect(try program.json("runs/short/result.json")["rounds"] as? Int == 12)
    let done = try await program("run", "--continue", "short", "--set", "run.rounds=20")
    #expect(done.status == 0, "\(done.errors)")
    #expect(try program.json("runs/short/result.json")["rounds"] as? Int == 20)
    #expect(try program.weights(of: "short") == program.weights(of: "long"))
  }

  @Test func aStartThatFailsLeavesNothingBehind() async throws {
    let program = try Program()
    let address = try Program.freeAddress()
    let holder = try program.start(
      ["coordinator", "--name", "holder", "--folder", "h"] + SmallRun.settings(["cluster.bind=\(address)"]))
    #expect(await holder.line(containing: address, ofErrors: true) != nil)
    for setting in ["dashboard.token_file=/nonexistent", "security.key_file=/nonexistent", "cluster.bind=\(address)"] {
      let refused = try await program(SmallRun.arguments("c", workers: 1, setting, "run.folder=new/runs"))
      #expect(refused.status == 1, "\(setting)")
      #expect(!FileManager.default.fileExists(atPath: program.folder + "/new"), "\(setting)")
    }
    holder.signal(SIGTERM)
    #expect(await holder.ended().status == 4)
    // What was killed while it began stands in nobody's way.
    try FileManager.default.createDirectory(
      atPath: program.folder + "/runs/k/checkpoints", withIntermediateDirectories: true)
    try program.write("", to: "runs/k/journal.sqlite")
    let begun = try await program(SmallRun.arguments("k", workers: 1, "run.rounds=2"))
    #expect(begun.status == 0, "\(begun.errors)")
  }
}
