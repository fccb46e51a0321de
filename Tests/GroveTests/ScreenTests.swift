import Foundation
import Testing

@testable import Commands

/// What is drawn again and again, in a real terminal.
@Suite(.serialized) struct ScreenTests {
  private static let sizes = [(80, 24), (60, 24), (120, 30), (40, 12)]

  @Test(.timeLimit(.minutes(2))) func aRunsViewFitsTheWindowAndLeavesNothingBehind() async throws {
    let program = try Program()
    let run = [Program.path] + SmallRun.arguments("seen", workers: 1, "run.rounds=100000", "run.checkpoint_every=1000")
    try await TerminalWindow.with(program, columns: 80, rows: 24, run) { window in
      // A curve is there from the second measurement on.
      try await window.lines { lines in lines.contains { $0.contains("│") } }
      for (columns, rows) in Self.sizes {
        try await window.resize(columns: columns, rows: rows)
        // Whole frames: what is half drawn is looked at again.
        let lines = try await window.lines { lines in
          (lines.first?.columns == columns && lines.first?.last == "…"
            || columns > 100 && lines.contains { $0.contains("host") }) && lines.first?.hasPrefix("seen · ") == true
            && lines.contains { $0.contains(" · round ") } && lines.contains { $0.contains("dashboard http") }
            && (rows < 20 || lines.contains { $0.contains("worker-1") })
        }
        // One title: nothing was drawn twice, and no line goes on in the next.
        #expect(lines.filter { $0.contains("seen · ") }.count == 1 && lines.count <= rows, "\(lines)")
        #expect(lines.allSatisfy { $0.isEmpty || $0.hasPrefix("  ") || $0 == lines.first }, "\(lines)")
        #expect(try await window.value("history_size") == "0")
      }
      // What is said meanwhile is seen in the view, and afterwards below what was there before.
      let worker = try #require(Running.children(of: try await window.commandID()).first)
      kill(worker, SIGKILL)
      try await window.lines { lines in
        lines.contains { $0.contains(": warning:") } && lines.first?.hasPrefix("seen · ") == true
      }
      try await window.resize(columns: 80, rows: 24)
      try await window.press("C-c")
      let left = try await window.lines { lines in lines.contains { $0.hasPrefix("code ") } }.joined(separator: "\n")
      #expect(left.contains("worker-1 ended (signal 9)") && left.contains("Stopped after round"), "\(left)")
      #expect(left.contains("code 4"), "\(left)")
      #expect(!left.contains("seen · "), "\(left)")
      #expect(try await window.value("alternate_on") == "0")
      #expect(try await window.value("cursor_flag") == "1")
    }
  }

  /// Nothing is made of a signal that ends it, and the terminal is as it was.
  @Test(.timeLimit(.minutes(2)), arguments: ["C-c", "TERM", "HUP"])
  func aWatchedStatusLeavesTheTerminalAsItWas(_ ending: String) async throws {
    let program = try Program()
    let watch = [Program.path, "status", "--watch", "--coordinator", "tcp://127.0.0.1:1"]
    try await TerminalWindow.with(program, columns: 40, rows: 12, watch) { window in
      let lines = try await window.lines { lines in lines.contains { $0.contains("Waiting for it") } }
      #expect(lines.allSatisfy { $0.columns <= 40 }, "\(lines)")
      #expect(try await window.value("alternate_on") == "1")
      switch ending {
      case "TERM": kill(try await window.commandID(), SIGTERM)
      case "HUP": kill(try await window.commandID(), SIGHUP)
      default: try await window.press(ending)
      }
      let left = try await window.lines { lines in lines.contains { $0.hasPrefix("code 1") } }.joined()
      #expect(!left.contains("Waiting for it"), "\(left)")
      #expect(try await window.value("alternate_on") == "0")
      #expect(try await window.value("cursor_flag") == "1")
    }
  }

  @Test(.timeLimit(.minutes(1))) func aRunThatFailsSaysWhyWhereItIsSeen() async throws {
    let program = try Program()
    let run = [Program.path] + SmallRun.arguments("nowhere", workers: 1, "model.device=cuda")
    try await TerminalWindow.with(program, columns: 80, rows: 24, run) { window in
      let left = try await window.lines { lines in lines.contains { $0.hasPrefix("code ") } }.joined()
      #expect(left.contains("can't do what the run asks") && left.contains("code 1"), "\(left)")
      #expect(try await window.value("alternate_on") == "0")
    }
  }
}
