import Foundation
import Testing

/// Runs that are looked at where nothing can be written: on a medium that is read-only, and by another user.
@Suite(.enabled(if: geteuid() == 0, "to mount something takes a superuser")) struct ReadOnlyTests {
  enum Onlooker: String, CaseIterable {
    /// On a mount that is read-only.
    case ofAMedium
    /// Who may write nothing there.
    case ofAnotherUser

    func command(_ arguments: [String]) -> [String] {
      switch self {
      case .ofAMedium:
        let mount = "mount --bind runs runs && mount -o remount,ro,bind runs && exec \"$@\""
        return ["unshare", "--mount", "sh", "-c", mount, "sh", Program.path] + arguments
      case .ofAnotherUser:
        return ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", Program.path] + arguments
      }
    }
  }

  private func run(_ command: [String], in program: Program) async throws -> Program.Ended {
    try await Running(URL(fileURLWithPath: "/usr/bin/env"), command, in: program.folder).ended()
  }

  /// What lies in the run's folder, and how large it is.
  private func files(_ program: Program) throws -> [String: Int] {
    let folder = program.folder + "/runs/r"
    return try FileManager.default.subpathsOfDirectory(atPath: folder).reduce(into: [:]) {
      $0[$1] = try FileManager.default.attributesOfItem(atPath: "\(folder)/\($1)")[.size] as? Int
    }
  }

  /// Commands say what they say where all can be written, and leave nothing there.
  private func look(_ onlooker: Onlooker, at program: Program) async throws {
    try FileManager.default.createDirectory(atPath: program.folder + "/out", withIntermediateDirectories: true)
    chmod(program.folder + "/out", 0o777)
    let before = try files(program)
    for arguments in [
      ["report", "r", "--out", "out/r.html"], ["provenance", "r", "--json"], ["eval", "r", "--count", "2", "--json"],
      ["export", "r", "--what", "transcripts", "--out", "out/judgments"], ["plot", "r", "--out", "out/plot"],
      ["export", "r", "--what", "weights", "--out", "out/weights"],
    ] {
      let ended = try await run(onlooker.command(arguments), in: program)
      #expect(ended.status == 0, "\(onlooker) \(arguments[0]): \(ended.errors)")
    }
    #expect(try files(program) == before)
    let provenance = try await run(onlooker.command(["provenance", "r", "--json"]), in: program).output
    let there = try await program("export", "r", "--what", "transcripts", "--out", "there")
    #expect(there.status == 0, "\(there.errors)")
    let (known, seen) = (program.folder + "/there", program.folder + "/out/judgments")
    #expect(FileManager.default.contentsEqual(atPath: known, andPath: seen))
    #expect(try await program("provenance", "r", "--json").output == provenance)
    #expect(!provenance.isEmpty)
  }

  @Test(arguments: Onlooker.allCases) func aFinishedRunIsReadWhereNothingCanBeWritten(_ onlooker: Onlooker) async throws
  {
    let program = try Program()
    let ended = try await program(SmallRun.arguments("r", workers: 1))
    try #require(ended.status == 0, "\(ended.errors)")
    try await look(onlooker, at: program)
  }

  /// What was written last lies beside the journal yet: it is seen, too.
  @Test(arguments: Onlooker.allCases) func aRunWhoseCoordinatorWasKilledIsReadWhereNothingCanBeWritten(
    _ onlooker: Onlooker
  ) async throws {
    let program = try Program()
    let run = try program.start(SmallRun.arguments("r", workers: 1, "run.rounds=100000", "run.stop_at=2"))
    #expect(await run.line(containing: "student") != nil)
    let children = run.children
    run.signal(SIGKILL)
    _ = await run.ended()
    for child in children { await Running.gone(child) }
    try #require(try files(program)["journal.sqlite-wal"] ?? 0 > 0)
    try await look(onlooker, at: program)
  }
}
