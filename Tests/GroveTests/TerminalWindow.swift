import Foundation
import Testing

/// A command in a window of a real terminal, tmux's, whose screen can be read and whose size can be changed.
struct TerminalWindow {
  private let program: Program

  /// Runs a command in a window while `body` looks; afterwards the window stays to be looked at until that ends.
  static func with(
    _ program: Program, columns: Int, rows: Int, _ command: [String], _ body: (TerminalWindow) async throws -> Void
  ) async throws {
    let window = TerminalWindow(program: program)
    // The shell outlives the command, as a person's does; in the foreground it leaves Ctrl-C to it.
    let shell = "trap : INT HUP QUIT; \"$@\"; echo \"code $?\"; exec cat"
    let started = try await window.tmux(
      ["new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "bash", "-c", shell, "bash"] + command)
    try #require(started.status == 0, "\(started.errors)")
    do {
      try await body(window)
    } catch {
      _ = try await window.tmux(["kill-server"])
      throw error
    }
    _ = try await window.tmux(["kill-server"])
  }

  /// As a person's shell would start it: what a test starts inherits signals that are blocked, without which the server does
  /// not end, and a descriptor by whose end Foundation tells that a process is no more, which the server would keep.
  private static let starter = """
    import os, signal, sys
    if os.fork() == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.closerange(3, 4096)
        os.execvp("tmux", ["tmux", "-u", "-f", "/dev/null", "-S", "t"] + sys.argv[1:])
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
    """

  private func tmux(_ arguments: [String]) async throws -> Program.Ended {
    try await Running(
      URL(fileURLWithPath: "/usr/bin/env"), ["LANG=C.UTF-8", "python3", "-c", Self.starter] + arguments,
      in: program.folder
    ).ended()
  }

  func resize(columns: Int, rows: Int) async throws {
    _ = try await tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// Presses a key, such as `C-c`.
  func press(_ key: String) async throws { _ = try await tmux(["send-keys", key]) }

  /// Its lines now. - Parameter scrolledOut: also those before the first that is seen.
  func lines(scrolledOut: Bool = false) async throws -> [String] {
    let shown = try await tmux(["capture-pane", "-p"] + (scrolledOut ? ["-S", "-"] : []))
    return shown.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Looks until its lines are as wanted. - Returns: them.
  @discardableResult func lines(_ areWanted: ([String]) -> Bool) async throws -> [String] {
    while true {
      let lines = try await lines()
      if areWanted(lines) { return lines }
      try Task.checkCancellation()
    }
  }

  /// Such as `history_size`.
  func value(_ name: String) async throws -> String { try await tmux(["display", "-p", "#{\(name)}"]).output }

  /// The process of a command that the shell runs.
  func commandID() async throws -> Int32 {
    let shell = try #require(Int32(try await value("pane_pid")))
    return try #require(Running.children(of: shell).first)
  }
}
