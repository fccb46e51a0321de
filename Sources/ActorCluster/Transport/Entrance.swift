import Glibc
import Descriptors

/// Where connections come in: those of which it is not known yet whose they are stand at a ``Door``.
///
/// libzmq takes in whoever connects and has no limit of its own. It closes a connection whose other end is gone, and that
/// is what shutting a descriptor down looks like to it.
struct Entrance {
  private var door: Door<Int32>
  /// Which socket a descriptor stands for, lest another is shut down that has taken its number.
  private var sockets: [Int32: ino_t] = [:]
  /// The same of those who have said who they are.
  private var known: [Int32: ino_t] = [:]
  private var leaving: Set<Int32> = []
  private var shownOut = Recurrence()

  init(room: Int) {
    door = Door(room: room)
  }

  mutating func accepted(_ descriptor: Int32) {
    guard let socket = Self.socket(descriptor) else { return }
    sockets[descriptor] = socket
    if let silent = door.entered(descriptor) { leaving.insert(silent) }
  }

  mutating func admitted(_ descriptor: Int32) {
    door.left(descriptor)
    if let socket = sockets.removeValue(forKey: descriptor) { known[descriptor] = socket }
  }

  /// Who was admitted is no member any more: if the connection is still there, a stranger's.
  mutating func dismissed(_ descriptor: Int32) {
    if let socket = known.removeValue(forKey: descriptor), Self.socket(descriptor) == socket { accepted(descriptor) }
  }

  mutating func lost(_ descriptor: Int32) {
    admitted(descriptor)
    known[descriptor] = nil
    leaving.remove(descriptor)
  }

  /// Shows out those for whom there is no room. Every event that there is must have been taken note of before.
  ///
  /// - Returns: how many it have been in all, if that is to be said now.
  mutating func showOut(at now: ContinuousClock.Instant) -> Int? {
    guard !leaving.isEmpty else { return nil }
    for descriptor in leaving {
      if let socket = sockets.removeValue(forKey: descriptor), Self.socket(descriptor) == socket {
        shutdown(descriptor, Int32(SHUT_RDWR))
      }
    }
    defer { leaving = [] }
    return shownOut.happened(leaving.count, at: now)
  }

  /// What tells the socket of a descriptor from all others; nil if it is none.
  private static func socket(_ descriptor: Int32) -> ino_t? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
    return status.st_ino
  }
}
