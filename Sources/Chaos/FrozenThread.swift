import Foundation

/// A thread of another process that stands still while the rest of the process goes on: as one that waits for what never
/// comes, for a lock, a device or a disk.
///
/// The kernel's debugging interface stops it. The thread goes on when this is thawed or its maker ends.
public final class FrozenThread: Sendable {
  private enum Ptrace { static let (detach, seize, interrupt) = (17, 0x4206, 0x4207) }
  /// `__WALL`: threads are waited for, too.
  private static let anyThread: Int32 = 0x4000_0000

  /// Not in the Glibc module, as C lets it take any number of arguments.
  private static let ptrace = dlsym(nil, "ptrace").map {
    unsafeBitCast($0, to: (@convention(c) (Int, Int32, Int, Int) -> Int).self)
  }

  private let thawing = DispatchSemaphore(value: 0)

  /// Stops the thread of that name. - Returns: nil if there is none, or this process may not stop it.
  public init?(_ name: String, of processID: Int32) async {
    guard let thread = Self.threads(of: processID).first(where: { $0.name == name })?.number else { return nil }
    let thawing = thawing
    let isFrozen = await withCheckedContinuation { continuation in
      // Who stops a thread has to live as long as it is to stand.
      Thread.detachNewThread {
        let isFrozen =
          Self.ptrace.map { $0(Ptrace.seize, thread, 0, 0) == 0 && $0(Ptrace.interrupt, thread, 0, 0) == 0 } ?? false
        continuation.resume(returning: isFrozen)
        guard isFrozen else { return }
        // A process whose thread is watched has ended only when its watcher has seen it.
        while thawing.wait(timeout: .now() + .milliseconds(20)) == .timedOut {
          var status: Int32 = 0
          // Anything but a stop is its end.
          if waitpid(thread, &status, WNOHANG | Self.anyThread) != 0, status & 0xff != 0x7f { return }
        }
        _ = Self.ptrace?(Ptrace.detach, thread, 0, 0)
      }
    }
    guard isFrozen else { return nil }
  }

  deinit { thaw() }

  /// Lets it go on.
  public func thaw() { thawing.signal() }

  private static func threads(of processID: Int32) -> [(number: Int32, name: String)] {
    let path = "/proc/\(processID)/task"
    return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).compactMap { entry in
      guard let number = Int32(entry), let name = try? String(contentsOfFile: "\(path)/\(entry)/comm", encoding: .utf8)
      else { return nil }
      return (number, name.trimmingCharacters(in: .newlines))
    }
  }
}
