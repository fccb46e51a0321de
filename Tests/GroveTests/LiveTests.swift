import Foundation
import Testing

/// Runs that are under way are found by their names, several on one machine.
@Suite(.serialized) struct LiveTests {
  /// Without an address of its own, as most runs are started.
  private func start(_ name: String, in program: Program, _ more: String...) throws -> Running {
    var arguments = SmallRun.settings(["run.rounds=1000000"] + more)
    if let place = arguments.firstIndex(where: { $0.hasPrefix("cluster.bind=") }) {
      arguments.removeSubrange(place - 1...place)
    }
    return try program.start(["run", "--name", name, "--workers", "1"] + arguments)
  }

  private func list(_ program: Program) async throws -> [[String: Any]] {
    let ended = try await program("ps", "--json")
    #expect(ended.status == 0, "\(ended.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [[String: Any]])
  }

  @Test func runsSideBySideAreFoundByTheirNames() async throws {
    let program = try Program()
    #expect(try await list(program).isEmpty)
    let runs = [try start("a", in: program), try start("b", in: program)]
    for run in runs { #expect(await run.line(containing: "student") != nil) }
    let listed = try await list(program)
    #expect(listed.compactMap { $0["name"] as? String } == ["a", "b"])
    #expect(Set(listed.compactMap { $0["coordinator"] as? String }).count == 2)
    #expect(Set(listed.compactMap { $0["dashboard"] as? String }).count == 2)
    #expect(listed.allSatisfy { ($0["round"] as? Int ?? 0) > 0 && $0["workers"] as? Int == 1 }, "\(listed)")
    let path = program.folder + "/runs/a/live.json"
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)

    let several = try await program("status")
    #expect(several.status == 1 && several.errors.contains("a, b"), "\(several.errors)")
    let both = try await program("status", "a", "--coordinator", "tcp://127.0.0.1:1")
    #expect(both.status == 2, "\(both.errors)")
    let named = try await program("status", "b", "--json")
    #expect(named.status == 0 && named.output.contains("\"name\":\"b\""), "\(named.errors)")
    #expect(try await program("stop", "a").status == 0)
    _ = await runs[0].ended()
    #expect(!FileManager.default.fileExists(atPath: path))
    // The only one needs no name.
    let only = try await program("status", "--json")
    #expect(only.status == 0 && only.output.contains("\"name\":\"b\""), "\(only.errors)")

    // What a killed one left is not taken for it.
    let children = runs[1].children
    runs[1].signal(SIGKILL)
    _ = await runs[1].ended()
    for child in children { await Running.gone(child) }
    #expect(FileManager.default.fileExists(atPath: program.folder + "/runs/b/live.json"))
    #expect(try await list(program).isEmpty)
    let gone = try await program("stop", "b")
    #expect(gone.status == 1 && gone.errors.contains("no run b is under way"), "\(gone.errors)")
  }

  @Test func whatTheRunSaysToTypeWorksAsItStands() async throws {
    let program = try Program()
    let run = try start("h", in: program, "overseer.kind=human", "overseer.patience=0", "run.folder=my runs")
    let line = try #require(await run.line(containing: "or with grove review"))
    let words = try #require(line.split(separator: "or with grove ").last)
    let review = try await Running(
      URL(fileURLWithPath: "/bin/sh"), ["-c", "exec \"$0\" \(words) --scripted --count 1", Program.path],
      in: program.folder
    ).ended()
    #expect(review.status == 0 && review.output.contains("The script decided 1."), "\(review.errors)")
    #expect(try await program("stop", "h", "--folder", "my runs").status == 0)
    _ = await run.ended()
  }
}
