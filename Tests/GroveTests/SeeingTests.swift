import Foundation
import Testing

/// What a person sees of a run in the terminal and in logs.
@Suite(.serialized) struct SeeingTests {
  @Test func logsAreObjectsOfALineIfWantedAndLevelsAreSetByComponent() async throws {
    let program = try Program()
    let run = try await program(
      SmallRun.arguments("logged", workers: 1, "run.rounds=12")
        + ["--log-format", "json", "--log-level", "warning,rounds=debug,roster=info"])
    #expect(run.status == 0)
    let lines = try run.errors.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String], "\($0)")
    }
    let rounds = lines.filter { $0["component"] == "rounds" }
    #expect(rounds.compactMap { $0["round"].flatMap { Int($0) } } == Array(1...12))
    #expect(rounds.allSatisfy { $0["run"] == "logged" && $0["level"] == "debug" && $0["time"] != nil })
    #expect(lines.contains { $0["component"] == "roster" && $0["worker"] == "worker-1" })
    #expect(!lines.contains { $0["component"] == "dispatch" && $0["level"] == "debug" })
    // The workers' own, too.
    let worker = try String(contentsOfFile: program.folder + "/runs/logged/logs/worker-1.log", encoding: .utf8)
    for line in worker.split(separator: "\n") {
      #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil, "\(line)")
    }
    let quiet = try await program(SmallRun.arguments("quiet", workers: 1, "run.rounds=12"))
    #expect(quiet.errors.split(separator: "\n").count < 3, "\(quiet.errors)")
    for wrong in [["--log-level", "loud"], ["--log-level", "cluster=loud"], ["--log-format", "xml"]] {
      #expect(try await program(["run"] + wrong).status == 2)
    }
  }

  @Test func theDoctorSaysWhatIsWrongAndHowToMendIt() async throws {
    let program = try Program()
    let address = try Program.freeAddress()
    let settings = ["--set", "cluster.bind=\(address)", "--set", "dashboard.bind=http://127.0.0.1:*"]
    let healthy = try await program(["doctor"] + settings)
    #expect(healthy.status == 0, "\(healthy.output)")
    for what in ["libzmq", "CURVE", "libtorch", "processors", "clock", "folder", "is free", "coordinator"] {
      #expect(healthy.output.contains(what), "\(healthy.output)")
    }
    let run = try program.start(
      SmallRun.arguments("held", workers: 1, "cluster.bind=\(address)", "run.rounds=100000"))
    #expect(await run.line(containing: "student") != nil)
    let held = try await program(["doctor"] + settings)
    #expect(held.status == 0 && held.output.contains("answers: run held, 1 workers"), "\(held.output)")
    run.signal(SIGTERM)
    #expect(await run.ended().status == 4)

    let json = try await program(["doctor", "--json", "--set", "run.folder=/proc/runs"] + settings)
    #expect(json.status == 1)
    let findings = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: String]])
    let folder = try #require(findings.first { $0["what"] == "folder" })
    #expect(folder["verdict"] == "bad" && folder["remedy"]?.contains("run.folder") == true)
    try program.write("task:\n  colour: red\n", to: "cluster.yaml")
    let wrong = try await program(["doctor"])
    #expect(wrong.status == 1 && wrong.output.contains("line 2") && wrong.output.contains("task.colour"))
  }

  @Test func aReportOfNothingIsRefused() async throws {
    let program = try Program()
    let missing = try await program("report", "nothing")
    #expect(missing.status == 1 && missing.errors.contains("there is no run nothing"))
    _ = try await program(SmallRun.arguments("short", workers: 1, "run.rounds=2"))
    let early = try await program("report", "short", "--out", "nowhere/short.html")
    #expect(early.status == 1 && early.errors.contains("nowhere/short.html can't be written"), "\(early.errors)")
    #expect(try await program("report", "short").status == 0)
  }
}
