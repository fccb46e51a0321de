import Foundation
import UnixSignals

/// What signals mean to a process that runs long.
enum Signals {
  /// Those that ask for its end. A terminal that is closed sends SIGHUP, which who starts a process to outlive its
  /// terminal has it ignore.
  static let ending: [UnixSignal] = [.sigterm, .sigint] + (isIgnored(SIGHUP) ? [] : [.sighup])

  /// Who reads what it says may end before it does.
  static func outliveReaders() { signal(SIGPIPE, SIG_IGN) }

  /// For a child whose parent hears from the terminal, too, and lets its children finish what a checkpoint needs.
  static func leaveToParent() {
    signal(SIGINT, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let mask = status.firstMatch(of: /SigIgn:\s+([0-9a-f]+)/).flatMap { UInt64($0.1, radix: 16) } ?? 0
    return mask >> UInt64(number - 1) & 1 == 1
  }
}
