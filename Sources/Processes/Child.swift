import Foundation

/// A process that this one started, in a group of its own: what a terminal sends to this one it does not get. It is killed
/// with the object.
package final class Child: Sendable {
  /// How a process ended.
  package enum Ending: Hashable, Sendable, CustomStringConvertible {
    case exit(Int32), signal(Int32)

    /// The exit code, or the signal, negative.
    package var status: Int32 {
      switch self {
      case .exit(let code): code
      case .signal(let number): -number
      }
    }

    package var description: String {
      switch self {
      case .exit(let code): "exit code \(code)"
      case .signal(let number): "signal \(number)"
      }
    }
  }

  package let name: String
  package let processID: Int32
  private let ending: Promised<Ending>

  /// Starts a command.
  ///
  /// - Parameter lines: is told each line of its standard output, which then goes nowhere else.
  /// - Throws: ``ChildError``
  package init(
    _ name: String, _ command: [String], input: Pipe? = nil, output: Output = .nothing, errors: Output = .nothing,
    lines: (@Sendable (String) -> Void)? = nil
  ) async throws {
    self.name = name
    let (started, ending) = (Promised<Int32>(), Promised<Ending>())
    // It ends with the process, which ends with this object.
    Task {
      let result = await Result {
        try await Self.run(command, input: input, output: output, errors: errors, lines: lines) {
          started.settle(.success($0))
        }
      }
      ending.settle(result)
      started.settle(result.map { _ in 0 })
    }
    // Also where nobody waits any more: one that was started has to be known.
    processID = try await Task { try await started.value }.value
    self.ending = ending
  }

  deinit { signal(SIGKILL) }

  package var isRunning: Bool { !ending.isSettled }

  package func signal(_ number: Int32) { if isRunning { kill(processID, number) } }

  /// Waits for its end, also if it has ended. - Throws: `CancellationError` if waiting is cancelled.
  package func end() async throws -> Ending { try await ending.value }

  /// Waits for its end, but not for long. - Returns: whether it had to be killed.
  package func ends(within time: Duration) async throws -> Bool {
    let killer = Task { [self] in
      guard (try? await Task.sleep(for: time)) != nil, isRunning else { return false }
      signal(SIGKILL)
      return true
    }
    defer { killer.cancel() }
    _ = try await end()
    killer.cancel()
    return await killer.value
  }
}

/// Why a process could not be started or watched, as a sentence.
package struct ChildError: Error, CustomStringConvertible {
  package let description: String
}
