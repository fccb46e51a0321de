import Dispatch

/// A thread of its own for what waits for a disk: the threads that Swift's tasks share never do.
///
/// One thing is done after the other, in the order in which they were asked for. What is begun is done, also if the task
/// that waits for it is cancelled.
package struct DiskQueue: Sendable {
  private let queue = DispatchQueue(label: "grove.disk")

  package init() {}

  package func run<Value: Sendable, Failure>(_ body: @escaping @Sendable () throws(Failure) -> Value)
    async throws(Failure)
    -> Value
  {
    let result = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: Result { () throws(Failure) in try body() }) }
    }
    return try result.get()
  }
}
