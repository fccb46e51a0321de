import Distributed

/// Why a remote call did not come back with a value or with the callee's own error.
public struct RemoteCallError: Error, Hashable, Codable, CustomStringConvertible {
  /// The ends that a call can have besides a value and the callee's error.
  public enum Reason: String, Hashable, Sendable, Codable {
    /// The callee's process is not, or no longer, a member.
    case unreachable
    /// The deadline passed; the call may still run.
    case timeout
    /// The caller's task was cancelled; the callee's task is cancelled too.
    case cancelled
    /// The callee has no such actor, or the actor no such method.
    case refused
    /// The callee failed with an error that this process has no type for.
    case failed
    /// What arrived was not what was agreed on.
    case malformed
    /// Too many calls are under way; nothing was sent.
    case overloaded
  }

  public let reason: Reason
  public let explanation: String

  public init(_ reason: Reason, _ explanation: String) {
    self.reason = reason
    self.explanation = explanation
  }

  public var description: String { explanation }
}

/// Settings of the calls made inside a scope.
public enum RemoteCall {
  @TaskLocal static var deadline: Duration?

  /// Calls in `body` end within `timeout`, each for itself, by ``RemoteCallError/Reason/timeout`` if need be.
  public static func with<Result: Sendable>(
    timeout: Duration, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async rethrows -> Result {
    try await $deadline.withValue(timeout, operation: body, isolation: isolation)
  }

  @TaskLocal static var name: String?

  /// Calls in `body` are measured under a name, where the method's says too little.
  public static func named<Result: Sendable>(
    _ name: String, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async rethrows -> Result {
    try await $name.withValue(name, operation: body, isolation: isolation)
  }
}
