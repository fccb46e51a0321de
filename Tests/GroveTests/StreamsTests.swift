import Foundation
import Testing

/// Logs and results that can't be written, and terminals that are gone.
struct StreamsTests {
  /// Runs the program with a shell's redirections.
  private func run(_ program: Program, _ arguments: [String], _ redirections: String) async throws -> Program.Ended {
    try await Running(
      URL(fileURLWithPath: "/bin/bash"), ["-c", "exec \"$0\" \"$@\" \(redirections)", Program.path] + arguments,
      in: program.folder
    ).ended()
  }

  private func small(_ name: String) -> [String] {
    SmallRun.arguments(name, workers: 1, "run.rounds=6", "run.evaluate_every=2")
  }

  @Test(arguments: ["2>/dev/full", "2>&-", ">&-", "<&- >&- 2>&-", "2> >(head -c 10)", "> >(head -c 10) 2>/dev/full"])
  func aLogThatCannotBeWrittenEndsNoRun(_ redirections: String) async throws {
    let program = try Program()
    let ended = try await run(program, small("mute"), redirections)
    #expect(ended.status == (redirections.hasPrefix("> >(") ? 1 : 0), "\(ended.errors)")
    #expect(try program.json("runs/mute/result.json")["finished"] as? Bool == true)
    // Nothing that was said has come into a file that took the place of a stream.
    let journal = try Data(contentsOf: URL(fileURLWithPath: program.folder + "/runs/mute/journal.sqlite"))
    #expect(journal.prefix(15) == Data("SQLite format 3".utf8))
  }

  @Test(arguments: ["2>/dev/full", "2>&-"]) func whatFailsDoesSoWithoutALogToo(_ redirections: String) async throws {
    let arguments = ["status", "--coordinator", "tcp://127.0.0.1:1"]
    #expect(try await run(Program(), arguments, redirections).status == 1)
  }

  @Test func resultsThatCannotBeWrittenAreAFailure() async throws {
    let program = try Program()
    for arguments in [["tasks", "list"], small("lost")] {
      let ended = try await run(program, arguments, ">/dev/full")
      #expect(ended.status == 1, "\(arguments)")
      #expect(ended.errors.contains("standard output can't be written: No space left on device"), "\(ended.errors)")
    }
    #expect(try program.json("runs/lost/result.json")["finished"] as? Bool == true)
  }

  @Test func aTerminalThatIsClosedEndsARunWithACheckpoint() async throws {
    let program = try Program()
    let settings = SmallRun.settings(["run.checkpoint_every=1000"])
    let run = ["run", "--name", "closed", "--workers", "1"] + settings + ["--set", "run.rounds=100000"]
    // A shell that, as one for people does, hands on that its terminal is gone; it outlives it, to tell how the run ended.
    let command = ([Program.path] + run).map { "'\($0)'" }.joined(separator: " ")
    try program.write(
      """
      trap 'kill -HUP $child' HUP
      TERM=xterm \(command) & child=$!
      wait $child; wait $child; echo $? >status
      """, to: "shell")
    // `exec`, as else a shell of `script` stays between, which dies of the signal before the run has ended.
    // What a test starts inherits blocked signals, of which a shell would not hear.
    let unblock =
      "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execvp(sys.argv[1], sys.argv[1:])"
    let terminal = try Running(
      URL(fileURLWithPath: "/usr/bin/python3"), ["-c", unblock, "script", "-qefc", "exec bash shell", "/dev/null"],
      in: program.folder)
    // The view is drawn now and then, so that no round is sure to be seen: this is 1, or one of 10 to 19, or of 100 to 199.
    #expect(await terminal.line(containing: "round 1") != nil)
    let inside = terminal.children
    terminal.signal(SIGKILL)
    for process in inside { await Running.gone(process) }
    let status = try String(contentsOfFile: program.folder + "/status", encoding: .utf8)
    #expect(status == "4\n")
    let checkpoints = try FileManager.default.contentsOfDirectory(atPath: program.folder + "/runs/closed/checkpoints")
    #expect(checkpoints.count == 1)
    try await program.expectTheSameBits(of: "closed", settings)
  }

  @Test func whoIgnoresAClosedTerminalGoesOn() async throws {
    let program = try Program()
    let running = try Running(
      URL(fileURLWithPath: "/bin/bash"), ["-c", "trap '' HUP; exec \"$0\" \"$@\"", Program.path] + small("kept"),
      in: program.folder)
    #expect(await running.line(containing: " elements · ") != nil)
    running.signal(SIGHUP)
    #expect(await running.ended().status == 0)
    #expect(try program.json("runs/kept/result.json")["finished"] as? Bool == true)
  }
}
