import Foundation

/// Runs an actor's work on one thread of its own, so that long computations keep no cooperative thread from its work and
/// a tensor never changes threads.
final class ThreadExecutor: SerialExecutor, @unchecked Sendable {
  // Sendable: `jobs` and the flags after it are only touched while `condition` is locked.
  private let condition = NSCondition()
  private var jobs: [UnownedJob] = []
  private var isStopped = false
  private var hasThread = true
  private var isAtWork = false
  private let name: String
  private let setUp: @Sendable () -> Void
  private let ended = AsyncStream.makeStream(of: Never.self)

  /// - Parameter setUp: is run first on the thread.
  init(name: String, setUp: @escaping @Sendable () -> Void) {
    self.name = name
    self.setUp = setUp
    startThread()
  }

  private func startThread() {
    let thread = Thread { [self] in
      // Foundation keeps a thread's name for itself; debuggers and /proc show this one.
      try? name.write(toFile: "/proc/thread-self/comm", atomically: false, encoding: .utf8)
      setUp()
      run()
      ended.continuation.finish()
    }
    thread.name = name
    // Autograd recurses; the default of 512 KiB is not enough for deep models.
    thread.stackSize = 16 << 20
    thread.start()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    condition.lock()
    jobs.append(job)
    // What comes when the thread has ended still runs, on another: whoever awaits it would wait for ever.
    let isLate = !hasThread
    hasThread = true
    condition.signal()
    condition.unlock()
    if isLate { startThread() }
  }

  /// Whether something runs on the thread, or waits to. What an actor awaits from elsewhere does neither.
  var isBusy: Bool {
    condition.lock()
    defer { condition.unlock() }
    return isAtWork || !jobs.isEmpty
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  /// Ends the thread once nothing is left to run. What is given to it afterwards runs all the same.
  func stop() {
    condition.lock()
    isStopped = true
    condition.signal()
    condition.unlock()
  }

  /// Ends the thread, and waits until it has. To be called once.
  func end() async {
    stop()
    for await _ in ended.stream {}
  }

  private func run() {
    while true {
      condition.lock()
      isAtWork = false
      while jobs.isEmpty && !isStopped { condition.wait() }
      let batch = jobs
      jobs = []
      hasThread = !batch.isEmpty
      isAtWork = hasThread
      condition.unlock()
      if batch.isEmpty { return }
      for job in batch { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
  }
}
