import Glibc

/// How much a terminal shows at once.
package struct WindowSize: Hashable {
  package let columns: Int
  package let rows: Int

  /// That of one that does not tell.
  static let standard = WindowSize(columns: 80, rows: 24)

  /// - Parameter columns: 0, as `rows`: it is not known.
  init(columns: Int, rows: Int) {
    self.columns = columns > 0 ? columns : 80
    self.rows = rows > 0 ? rows : 24
  }

  /// That of standard output now: people change it.
  package static var present: WindowSize {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return standard }
    return WindowSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
  }
}
