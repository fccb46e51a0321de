import Synchronization

/// Wakes those who wait for something to change.
///
/// Whoever waits looks at what it is about, calls ``change(within:isolation:)`` if it is not as wanted yet, and looks again;
/// from within an actor nothing is missed in between.
final class Signal: Sendable {
  private struct Waiting {
    var next = 0
    var continuations: [Int: CheckedContinuation<Void, Never>] = [:]
  }

  private let waiting = Mutex(Waiting())

  func notify() {
    let woken = waiting.withLock { waiting in
      defer { waiting.continuations = [:] }
      return waiting.continuations.values
    }
    for continuation in woken { continuation.resume() }
  }

  /// Waits until something changes, for that time at most, or until the task is cancelled.
  func change(within time: Duration? = nil, isolation: isolated (any Actor)? = #isolation) async {
    let number = waiting.withLock { waiting in
      defer { waiting.next += 1 }
      return waiting.next
    }
    var timer: Task<Void, Never>?
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        waiting.withLock { $0.continuations[number] = continuation }
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
