@preconcurrency import Glibc

/// Standard input, output and error, of which each may be closed, full, or that of a terminal that is gone.
///
/// What can't be said then is lost, and nothing else is.
package enum StandardStreams {
  /// Whether standard output was a terminal when the process began: if that is gone, nobody waits for what is written.
  private static let wasTerminal = isatty(STDOUT_FILENO) == 1

  /// Opens those that are closed, lest a file or a connection takes the place of one and is written to instead.
  package static func begin() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // Takes the lowest number that is free.
      _ = open("/dev/null", O_RDWR)
    }
    _ = wasTerminal
  }

  /// Writes to standard error: at once, or when the view that it would spoil is gone.
  package static func complain(_ text: String) {
    if !LiveScreen.keep(text) { write(text, to: STDERR_FILENO) }
  }

  /// Writes to standard output at once, past the buffer of `print`: while a line is read, flushing that would wait for the
  /// reader.
  static func say(_ text: String) { write(text, to: STDOUT_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    var left = Array(text.utf8)[...]
    while !left.isEmpty {
      var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      // Whoever does not read for so long does not get the rest, and holds up nothing. A pipe that can be written takes so
      // many bytes without waiting.
      guard poll(&writable, 1, 1000) > 0 else { return }
      let written = left.prefix(Int(PIPE_BUF)).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        left = left.dropFirst(written)
      } else if written == 0 || ![EINTR, EAGAIN].contains(errno) {
        return
      }
    }
  }

  /// - Throws: ``Failure`` if what was printed did not arrive.
  package static func finish() throws {
    let isWritten = fflush(stdout) == 0
    let reason = String(cString: strerror(errno))
    guard isWritten && ferror(stdout) == 0 || wasTerminal else {
      throw Failure("standard output can't be written" + (isWritten ? "" : ": \(reason)"))
    }
  }

  /// Waits until standard input ends.
  static func inputEnds() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(STDIN_FILENO, &bytes, bytes.count)
      if count == 0 || count < 0 && errno != EINTR { return }
    }
  }
}
