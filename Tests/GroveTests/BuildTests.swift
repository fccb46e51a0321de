import Foundation
import GRDB
import Testing

/// A run is of one build: that is what the same bits are promised of.
@Suite(.serialized) struct BuildTests {
  /// The program as another build: with a byte behind it that is not read.
  private func another(_ program: Program) throws -> String {
    let path = program.folder + "/other-grove"
    try FileManager.default.copyItem(atPath: Program.path, toPath: path)
    try FileManager.default.createSymbolicLink(
      atPath: program.folder + "/libGroveTorch.so", withDestinationPath: Program.library)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.seekToEnd()
    try file.write(contentsOf: Data([0]))
    try file.close()
    return path
  }

  private func run(_ executable: String, _ program: Program, _ arguments: [String]) async throws -> Program.Ended {
    try await Running(URL(fileURLWithPath: executable), arguments, in: program.folder).ended()
  }

  @Test func anotherBuildGoesOnWithARunOnlyIfItIsAskedTo() async throws {
    let program = try Program()
    let other = try another(program)
    let first = try program.start(SmallRun.arguments("u", workers: 1))
    #expect(await first.line(containing: "student") != nil)
    first.signal(SIGKILL)
    for child in first.children { await Running.gone(child) }
    _ = await first.ended()
    let before = try Data(contentsOf: URL(fileURLWithPath: program.folder + "/runs/u/config.yaml"))

    let refused = try await run(other, program, SmallRun.arguments("u", workers: 2))
    #expect(refused.status == 1, "\(refused.output)")
    let builds = refused.errors.matches(of: /build ([0-9a-f]{12})/).map { String($0.1) }
    #expect(builds.count == 2 && builds[0] != builds[1], "\(refused.errors)")
    #expect(refused.errors.contains("--accept-build"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: program.folder + "/runs/u/config.yaml")) == before)
    // To look at it, any build will do.
    let plot = try await run(other, program, ["plot", "u", "--out=-curves"])
    #expect(plot.status == 0, "\(plot.errors)")

    let accepted = try await run(other, program, SmallRun.arguments("u", workers: 1) + ["--accept-build"])
    #expect(accepted.status == 0, "\(accepted.errors)")
    #expect(accepted.errors.contains(builds[0]) && accepted.errors.contains(builds[1]), "\(accepted.errors)")
    #expect(try program.json("runs/u/result.json")["builds"] as? [String] == builds)
    // Also finished, it is the other build's.
    let finished = try await program(SmallRun.arguments("u", workers: 1))
    #expect(finished.status == 1 && finished.errors.contains("--accept-build"), "\(finished.errors)")
    let shown = try await program(SmallRun.arguments("u", workers: 1) + ["--accept-build"])
    #expect(shown.status == 0 && shown.output.contains("is finished"), "\(shown.errors)")
  }

  @Test func aJournalOfALaterVersionIsNotWritten() async throws {
    let program = try Program()
    let ended = try await program(SmallRun.arguments("late", workers: 1, "run.rounds=6"))
    #expect(ended.status == 0, "\(ended.errors)")
    let journal = try DatabaseQueue(path: program.folder + "/runs/late/journal.sqlite")
    try await journal.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('from the future')") }
    try journal.close()
    try FileManager.default.removeItem(atPath: program.folder + "/runs/late/result.json")
    let refused = try await program(SmallRun.arguments("late", workers: 1, "run.rounds=6"))
    #expect(refused.status == 1 && refused.errors.contains("later version"), "\(refused.errors)")
    #expect(refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
    for command in [["eval", "late", "--count", "2"], ["report", "late"], ["provenance", "late"]] {
      let read = try await program(command)
      #expect(read.status == 0, "\(read.errors)")
    }
  }
}
