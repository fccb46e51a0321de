import Foundation

/// What the terminal can show.
package enum Terminal {
  /// What is typed, line by line, read on a thread of its own.
  static func lines() -> AsyncStream<String> {
    AsyncStream { continuation in
      Thread.detachNewThread {
        while let line = readLine() { continuation.yield(line) }
        continuation.finish()
      }
    }
  }

  private static let environment = ProcessInfo.processInfo.environment

  /// Whether standard output is a person's terminal that can redraw.
  package static let isInteractive = isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"

  /// Whether what is printed may be coloured; the one place that decides it.
  package static let colours = coloursAreWanted(isTerminal: isatty(STDOUT_FILENO) == 1, environment)

  /// As https://no-color.org and https://bixense.com/clicolors have it.
  static func coloursAreWanted(isTerminal: Bool, _ environment: [String: String]) -> Bool {
    func isSet(_ name: String) -> Bool { !(environment[name] ?? "").isEmpty }
    if isSet("NO_COLOR") { return false }
    if isSet("CLICOLOR_FORCE"), environment["CLICOLOR_FORCE"] != "0" { return true }
    return isTerminal && environment["TERM"] != "dumb"
  }

  /// Says on standard error what a person should know.
  static func warn(_ sentence: String) { StandardStreams.complain("grove: \(sentence)\n") }

  /// Says how far something long is, in place of what was said before; nothing where nobody looks.
  package static func progress(_ text: String) {
    guard isatty(STDERR_FILENO) == 1, environment["TERM"] != "dumb" else { return }
    StandardStreams.complain("\r\u{1B}[K\(text.cut(to: WindowSize.present.columns - 1))")
  }

  static func bold(_ text: String, _ colours: Bool) -> String { colours ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  static func dim(_ text: String, _ colours: Bool) -> String { colours ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
  package static func coloured(_ text: String, _ code: Int, _ colours: Bool) -> String {
    colours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
