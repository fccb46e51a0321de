import Synchronization

/// Wakes those who wait for something to change.
///
/// Whoever waits looks at what it is about, calls ``change(within:isolation:)`` if it is not as wanted yet, and looks again;
/// from within an actor nothing is missed in between: what is notified from the call on ends it.
final class Signal: Sendable {
  private struct Waiting {
    var next = 0
    var notifications = 0
    var continuations: [Int: CheckedContinuation<Void, Never>] = [:]
  }

  private let waiting = Mutex(Waiting())

  func notify() {
    let woken = waiting.withLock { waiting in
      defer { waiting.continuations = [:] }
      waiting.notifications += 1
      return waiting.continuations.values
    }
    for continuation in woken { continuation.resume() }
  }

  /// Waits until something changes, for that time at most, or until the task is cancelled.
  func change(within time: Duration? = nil, isolation: isolated (any Actor)? = #isolation) async {
    let (number, seen) = waiting.withLock { waiting in
      defer { waiting.next += 1 }
      return (waiting.next, waiting.notifications)
    }
    var timer: Task<Void, Never>?
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // This need not be on the actor, which may have let others notify since the call began.
        let isLate = waiting.withLock { waiting in
          if waiting.notifications == seen { waiting.continuations[number] = continuation }
          return waiting.notifications != seen
        }
        if isLate { return continuation.resume() }
        if Task.isCancelled { wake(number) }
        // Not before: it may have nothing to wait for.
        timer = time.map { time in
          Task {
            guard (try? await Task.sleep(for: time)) != nil else { return }
            self.wake(number)
          }
        }
      }
    } onCancel: {
      wake(number)
    }
    timer?.cancel()
  }

  private func wake(_ number: Int) {
    waiting.withLock { $0.continuations.removeValue(forKey: number) }?.resume()
  }
}
