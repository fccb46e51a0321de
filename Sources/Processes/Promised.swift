import Foundation
import Synchronization

/// A value that comes once, for all who wait for it.
final class Promised<Value: Sendable>: Sendable {
  private let state = Mutex(State())

  private struct State {
    var result: Result<Value, any Error>?
    var waiting: [UUID: CheckedContinuation<Value, any Error>] = [:]
  }

  /// Gives it to all; what comes after the first is dropped.
  func settle(_ result: Result<Value, any Error>) {
    let waiting = state.withLock { state in
      guard state.result == nil else { return [CheckedContinuation<Value, any Error>]() }
      state.result = result
      defer { state.waiting = [:] }
      return Array(state.waiting.values)
    }
    for continuation in waiting { continuation.resume(with: result) }
  }

  var isSettled: Bool { state.withLock { $0.result != nil } }

  /// - Throws: what came in its place, or `CancellationError` if waiting is cancelled.
  var value: Value {
    get async throws {
      let key = UUID()
      return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          let known: Result<Value, any Error>? = state.withLock { state in
            if let result = state.result { return result }
            if Task.isCancelled { return .failure(CancellationError()) }
            state.waiting[key] = continuation
            return nil
          }
          if let known { continuation.resume(with: known) }
        }
      } onCancel: {
        state.withLock { $0.waiting.removeValue(forKey: key) }?.resume(throwing: CancellationError())
      }
    }
  }
}

extension Result where Failure == any Error {
  /// What a body comes to.
  init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
