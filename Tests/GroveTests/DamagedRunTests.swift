import Foundation
import Testing

/// What is gone from a run's folder, or can't be read, is said in a sentence, and what is left is still shown.
struct DamagedRunTests {
  private let program: Program

  init() throws { program = try Program() }

  /// One finished run, of which every case damages a copy.
  @Test func whatIsWrongIsSaidAndWhatIsLeftIsShown() async throws {
    let ended = try await program(
      SmallRun.arguments("whole", workers: 1, "run.rounds=16", "overseer.kind=scripted"))
    #expect(ended.status == 0, "\(ended.errors)")
    try await whatWasMeasuredAndIsGoneIsSaid()
    try await withoutCheckpointsOrJournalItIsSaidWhatIsWrong()
    try await whatIsPrintedAsFactsIsReadAsFacts()
  }

  private func url(_ file: String) -> URL { URL(fileURLWithPath: program.folder).appendingPathComponent(file) }

  private func copy(_ name: String) throws {
    try FileManager.default.copyItem(at: url("runs/whole"), to: url("runs/\(name)"))
  }

  private func damage(_ name: String, _ change: (inout [String]) -> Void) throws {
    try copy(name)
    var lines = try String(contentsOf: url("runs/\(name)/metrics.jsonl"), encoding: .utf8).components(separatedBy: "\n")
    change(&lines)
    try program.write(lines.joined(separator: "\n"), to: "runs/\(name)/metrics.jsonl")
  }

  private func whatWasMeasuredAndIsGoneIsSaid() async throws {
    // Rounds 4, 8, 12 and 16 were measured.
    try damage("garbage") { $0[1] = "garbage" }
    try damage("impossible") { $0[1].replace(/"round":\d+/, with: "\"round\":-1") }
    try damage("cut") {
      $0[3].removeLast(20); $0.removeLast()
    }
    try damage("short") { $0.removeSubrange(1..<4) }
    try damage("gap") { $0.remove(at: 2) }
    try copy("gone")
    try FileManager.default.removeItem(at: url("runs/gone/metrics.jsonl"))
    let cases = [
      ("garbage", "metrics.jsonl, line 2, can't be read"),
      ("impossible", "line 2, can't be read: there is a number in it that no run comes to"),
      ("cut", "metrics.jsonl, line 4, has no end"), ("short", "lacks what was measured from round 8 to 16"),
      ("gap", "lacks what was measured in round 12"), ("gone", "of 16 rounds only what result.json says is known"),
    ]
    for (run, sentence) in cases {
      let report = try await program("report", run)
      #expect(report.status == 0 && report.errors.contains(sentence), "\(report.errors)")
      #expect(
        try String(contentsOf: url("\(run).html"), encoding: .utf8).contains("<strong>\(run)</strong>: metrics.jsonl"))
    }
    let whole = try await program("report", "whole")
    #expect(whole.status == 0 && whole.errors.isEmpty)
    #expect(try !String(contentsOf: url("whole.html"), encoding: .utf8).contains("<strong>whole</strong>:"))

    // A run without measurements is left out; the others are drawn, in one plot.
    let plot = try await program(
      ["plot"] + cases.map(\.0) + ["whole", "--y", "loss", "--x", "minutes", "--out", "all"])
    #expect(plot.status == 0, "\(plot.errors)")
    for (run, sentence) in cases {
      #expect(plot.errors.contains("\(run): metrics.jsonl") && plot.errors.contains(sentence))
    }
    #expect(plot.errors.contains("the run gone has no measurement left: it is left out"))
    let svg = try String(contentsOf: url("all.svg"), encoding: .utf8)
    #expect(svg.components(separatedBy: "<polyline").count == cases.count + 1)
    #expect(svg.contains(">minutes<") && svg.contains(">nats (−log p)<") && svg.contains(">loss of X<"))
    let nothing = try await program("plot", "whole", "--y", "overseer-loss")
    #expect(nothing.status == 1 && nothing.errors == "grove: none of the runs has measured overseer-loss")
    let others = try await program(
      "plot", "whole", "gap", "--y", "rate", "--y", "speed", "--y", "memory", "--out", "others")
    #expect(others.status == 0 && !others.errors.contains("has not measured"), "\(others.errors)")
  }

  private func withoutCheckpointsOrJournalItIsSaidWhatIsWrong() async throws {
    try copy("lost")
    let files = try FileManager.default.contentsOfDirectory(atPath: url("runs/lost/checkpoints").path).sorted()
    for file in files { try FileManager.default.removeItem(at: url("runs/lost/checkpoints/\(file)")) }
    let lost = try await program("ask", "lost", "f^5(3)")
    #expect(
      lost.status == 1 && lost.errors.contains("none of the \(files.count) checkpoints of the run lost can be used"))
    #expect(!lost.errors.contains("before it") && !lost.errors.contains("wait"), "\(lost.errors)")

    try copy("older")
    try Data("x".utf8).write(to: url("runs/older/checkpoints/\(files.last ?? "")"))
    let older = try await program("ask", "older", "f^5(3)")
    #expect(older.status == 0 && older.errors.contains("the one before it is used, of round 15"), "\(older.errors)")

    try copy("empty")
    for file in ["journal.sqlite-wal", "journal.sqlite-shm"] {
      try? FileManager.default.removeItem(at: url("runs/empty/\(file)"))
    }
    try Data().write(to: url("runs/empty/journal.sqlite"))
    for command in [["ask", "empty", "f^5(3)"], ["report", "empty"], ["provenance", "empty"]] {
      let ended = try await program(command)
      #expect(ended.status == 1 && ended.errors.contains("has lost its journal"), "\(ended.errors)")
    }

    for command in [["report", "whole", "--out", "runs"], ["export", "whole", "--what", "weights", "--out", "runs"]] {
      let ended = try await program(command)
      #expect(
        ended.status == 1
          && ended.errors == "grove: runs can't be written: it is a folder; give the name of a file, too")
    }
    let nowhere = try await program("report", "whole", "--out", "no/such.html")
    #expect(nowhere.errors == "grove: no/such.html can't be written: there is no folder \(program.folder)/no")
  }

  private func whatIsPrintedAsFactsIsReadAsFacts() async throws {
    let printed = try await program("ask", "whole", "f^5(3)", "--seed", "7")
    let json = try await program("ask", "whole", "f^5(3)", "--seed", "7", "--json")
    let facts = try #require(printed.output.split(separator: "\n").first)
    let sampled = try await program("tasks", "sample", "permutation", "--size", "5", "--count", "1", "--json")
    let several = try await program("tasks", "sample", "permutation", "--size", "5", "--count", "3", "--json")
    let list = try #require(
      (try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])?["facts"] as? [String])
    let written = list.joined(separator: "\r\n")
    try program.write("\(facts)\n", to: "printed")
    try program.write(json.output, to: "json")
    try program.write("\u{FEFF}# mine\r\n\(written)\r\n", to: "windows")
    try program.write("\u{FEFF}[\r\n" + list.map { "\"\($0)\"" }.joined(separator: ",\r\n") + "]", to: "list")
    for file in ["printed", "json", "windows", "list"] {
      let ended = try await program("ask", "whole", "f^5(3)", "--seed", "7", "--context", file)
      #expect(ended.status == 0 && ended.output == printed.output, "\(file): \(ended.errors)")
    }
    try program.write(sampled.output, to: "sampled")
    #expect(try await program("ask", "whole", "f^5(3)", "--context", "sampled").status == 0)

    try program.write(several.output, to: "several")
    try program.write("f(1)=2  f(2)=9", to: "wrong")
    try program.write(String(repeating: "f ", count: 10_000), to: "long")
    try program.write("{\"facts\": [1]}", to: "odd")
    try Data([0xFF, 0xFE, 0x66, 0x00]).write(to: url("utf16"))
    let refused = [
      ("several", "several has 3 contexts, one a line"), ("wrong", "wrong, line 1: “9” in “f(2)=9” is no name"),
      ("long", "long, line 1: “f f f"), ("odd", "JSON of a context is"),
      ("utf16", "utf16 can't be read: it is no UTF-8 text"),
    ]
    for (file, sentence) in refused {
      let ended = try await program("ask", "whole", "f^5(3)", "--context", file)
      #expect(ended.status == 1 && ended.errors.contains(sentence) && ended.errors.count < 300, "\(ended.errors)")
    }
  }

  @Test func aHostWhoseNameIsNotKnownIsSaidToBe() async throws {
    for command in [
      ["status", "--coordinator", "tcp://nowhere.invalid:5570"],
      ["review", "r", "--coordinator", "tcp://nowhere.invalid:1"],
    ] {
      let ended = try await program(command)
      #expect(ended.status == 1 && ended.errors.contains("the host's name is not known"), "\(ended.errors)")
    }
  }
}
