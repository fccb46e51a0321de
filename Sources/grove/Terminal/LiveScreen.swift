@preconcurrency import Dispatch
@preconcurrency import Glibc
import Synchronization

/// The terminal's other screen, on which is drawn again and again how things are. It leaves nothing behind.
///
/// What is said on standard error meanwhile would spoil it, if that is a terminal: it is kept, and said afterwards.
enum LiveScreen {
  private struct State {
    var isOpen = false
    var said: [String] = []
    var lost = 0
  }

  private static let state = Mutex(State())
  /// Whoever does not read, as after Ctrl-S, holds up only this.
  private static let queue = DispatchQueue(label: "screen")
  /// Lines that are kept.
  private static let most = 1000

  // No cursor, and no line that goes on in the next row.
  private static let enter: StaticString = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J"
  private static let leave: StaticString = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

  /// What is to be drawn in a window of a size.
  typealias Lines = (WindowSize) -> [String]

  /// Runs `body`, which draws, on it; afterwards all is as it was, also if a signal ends the process.
  static func show(_ body: (_ draw: (Lines) async -> Void) async throws -> Void) async rethrows {
    state.withLock { $0.isOpen = true }
    mindSignals()
    await say("\(enter)")
    do {
      try await body { await say(drawing($0)) }
    } catch {
      await close()
      throw error
    }
    await close()
  }

  /// Each line over the one that was there, then nothing below the last: nothing flickers, and nothing scrolls.
  private static func drawing(_ lines: Lines) -> String {
    let window = WindowSize.present
    let lines = lines(window)
    // Cleared before it is written: at the end of a full line the cursor stands on its last letter.
    return "\u{1B}[H" + lines.map { "\u{1B}[K" + $0 }.joined(separator: "\n")
      + (lines.count < window.rows ? "\n\u{1B}[J" : "")
  }

  private static func close() async {
    signal(SIGTSTP, SIG_DFL)
    await say("\(leave)")
    let (said, lost) = state.withLock { state in
      defer { state = State() }
      return (state.said, state.lost)
    }
    if lost > 0 { StandardStreams.complain("… \(lost) lines before these\n") }
    StandardStreams.complain(said.map { $0 + "\n" }.joined())
  }

  private static func say(_ text: String) async {
    await withCheckedContinuation { continuation in
      queue.async {
        StandardStreams.say(text)
        continuation.resume()
      }
    }
  }

  /// Keeps lines for later. - Returns: whether there is anything that they would spoil.
  static func keep(_ text: String) -> Bool {
    state.withLock { state in
      guard state.isOpen, isatty(STDERR_FILENO) == 1 else { return false }
      state.said += text.split(separator: "\n").map(String.init)
      let surplus = max(0, state.said.count - most)
      state.said.removeFirst(surplus)
      state.lost += surplus
      return true
    }
  }

  /// The newest lines that are kept.
  static var said: [String] { state.withLock { $0.said.suffix(2) } }

  // MARK: Signals

  /// Those that end the process where nothing else is made of them.
  private static let ending = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE,
  ]

  private static func mindSignals() {
    for number in ending {
      handle(number, flags: Int32(bitPattern: UInt32(SA_RESETHAND)) | Int32(SA_NODEFER)) { number in
        write(STDOUT_FILENO, LiveScreen.leave.utf8Start, LiveScreen.leave.utf8CodeUnitCount)
        raise(number)
      }
    }
    // Ctrl-Z, and on again.
    handle(SIGTSTP, flags: SA_RESTART) { _ in
      write(STDOUT_FILENO, LiveScreen.leave.utf8Start, LiveScreen.leave.utf8CodeUnitCount)
      kill(getpid(), SIGSTOP)
      write(STDOUT_FILENO, LiveScreen.enter.utf8Start, LiveScreen.enter.utf8CodeUnitCount)
    }
  }

  private static func handle(_ number: Int32, flags: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0, action.sa_flags & SA_SIGINFO == 0,
      action.__sigaction_handler.sa_handler == nil
    else { return }
    action = sigaction()
    action.__sigaction_handler.sa_handler = handler
    action.sa_flags = flags
    sigaction(number, &action, nil)
  }
}
