import Foundation

/// Has a process run for a tenth of the time only while something else happens.
///
/// It stands still so shortly that its heartbeats are not missed: it is slow, not gone.
///
/// - Parameter signal: sends a signal to the process, if it is still there.
@discardableResult public func throttled<Result>(
  isolation: isolated (any Actor)? = #isolation, by signal: @escaping @Sendable (Int32) -> Void,
  while body: () async throws -> Result
) async rethrows -> Result {
  let stutter = Task {
    while !Task.isCancelled {
      signal(SIGSTOP)
      try? await Task.sleep(for: .milliseconds(45))
      signal(SIGCONT)
      try? await Task.sleep(for: .milliseconds(5))
    }
  }
  do {
    let result = try await body()
    stutter.cancel()
    await stutter.value
    return result
  } catch {
    stutter.cancel()
    await stutter.value
    throw error
  }
}
