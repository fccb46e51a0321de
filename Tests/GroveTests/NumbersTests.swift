import Foundation
import Testing

/// Numbers at the edges of their types, in files that others may have written.
@Suite(.serialized) struct NumbersTests {
  private static let numbers = ["1e19", "1e308", "-1e308", "-1", "9223372036854775807", "1e999"]
  private static let settings = ["run.evaluate_every=2"]

  /// Every command that reads the file, and the page about the run.
  private func expectNoCrash(_ program: Program, _ what: String) async throws {
    for arguments in [
      ["report", "edge", "--out", "r.html"], ["plot", "edge"],
    ] {
      let ended = try await program(arguments)
      #expect(ended.status >= 0 && ended.status <= 2, "\(arguments) after \(what): \(ended.errors.suffix(500))")
    }
    let pages = try program.start(["dashboard", "--set", "dashboard.bind=http://127.0.0.1:*"])
    let line = try #require(await pages.line(containing: " are at http"))
    let address = try #require(line.firstMatch(of: /http:\S+/)?.0)
    for page in ["", "runs/edge", "runs/edge/report"] {
      let answer = try await Web.get("\(address)\(page)")
      #expect([200, 404].contains(answer.status), "\(page) after \(what)")
    }
    pages.signal(SIGTERM)
    _ = await pages.ended()
  }

  @Test func inAnyFileOfARunTheyCrashNothing() async throws {
    let program = try Program()
    let made = try await program(
      ["run", "--name", "edge", "--workers", "1"] + SmallRun.settings(Self.settings))
    #expect(made.status == 0, "\(made.errors)")
    let names = ["runs/edge/metrics.jsonl", "runs/edge/result.json"]
    let originals = try names.map { try String(contentsOfFile: "\(program.folder)/\($0)", encoding: .utf8) }
    for number in Self.numbers {
      for (name, original) in zip(names, originals) {
        try program.write(original.replacing(/:\s*-?[0-9][0-9.e\-]*/) { _ in ":\(number)" }, to: name)
      }
      try await expectNoCrash(program, "every number became \(number)")
    }
    // What is not believed is said, and computed again when it is out of the way.
    for (name, original) in zip(names, originals) {
      try program.write(original.replacing(/"wall_seconds":[0-9.]+/) { _ in "\"wall_seconds\":1e19" }, to: name)
    }
    let command = ["run", "--name", "edge", "--workers", "1"] + SmallRun.settings(Self.settings)
    let refused = try await program(command)
    #expect(refused.status == 1)
    #expect(refused.errors.contains("result.json can't be read"), "\(refused.errors.suffix(500))")
    try FileManager.default.removeItem(atPath: program.folder + "/runs/edge/result.json")
    let again = try await program(command)
    #expect(again.status == 0, "\(again.errors.suffix(500))")
    #expect(try program.json("runs/edge/result.json")["wall_seconds"] as? Double ?? 1e19 < 1e6)
  }
}
