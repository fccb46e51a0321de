import CoreMetrics
import Synchronization

/// What a node counts of its messages and of the calls that it makes.
final class CallMeters: Sendable {
  /// Of one method.
  private struct Method: Sendable {
    let time: Timer
    let failed: Counter

    init(_ name: String) {
      time = Timer(label: "grove_call_duration_seconds", dimensions: [("method", name)])
      failed = Counter(label: "grove_calls_failed_total", dimensions: [("method", name)])
    }
  }

  private let sent = Counter(label: "grove_sent_bytes_total")
  private let received = Counter(label: "grove_received_bytes_total")
  private let unread = Counter(label: "grove_malformed_messages_total")
  private let refusals = Counter(label: "grove_refused_calls_total")
  private let keys = Counter(label: "grove_turned_away_keys_total")
  private let strangers = Counter(label: "grove_stranger_connections_total")
  private let outstanding = Meter(label: "grove_calls_outstanding")
  private let methods = Mutex<[String: Method]>([:])

  func sent(bytes: Int) { sent.increment(by: bytes) }
  func received(bytes: Int) { received.increment(by: bytes) }
  func malformed() { unread.increment() }
  func refused() { refusals.increment() }
  func turnedAway() { keys.increment() }
  func strangerLeft() { strangers.increment() }

  /// Measures a call.
  ///
  /// - Parameters:
  ///   - target: the mangled name of its method.
  ///   - name: what it is called instead of by its method.
  func measure<Result>(
    _ target: String, named name: String? = nil, _ call: () async throws -> Result
  ) async throws -> Result {
    let method = methods.withLock { methods in
      if let known = methods[name ?? target] { return known }
      let new = Method(name ?? Self.methodName(in: target) ?? "other")
      methods[name ?? target] = new
      return new
    }
    let started = ContinuousClock.now
    outstanding.increment()
    defer {
      outstanding.decrement()
      let (seconds, attoseconds) = started.duration(to: .now).components
      method.time.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
    do {
      return try await call()
    } catch {
      method.failed.increment()
      throw error
    }
  }

  /// `grow` in `$s9WorkUnits11$WorkerNodeC4growyAA…`: module, class, method, each with its length before it.
  static func methodName(in target: String) -> String? {
    var rest = target.dropFirst(2)
    func word() -> Substring? {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let length = Int(digits), length > 0, length <= rest.count - digits.count else { return nil }
      let word = rest.dropFirst(digits.count).prefix(length)
      rest = rest.dropFirst(digits.count + length)
      return word
    }
    guard target.hasPrefix("$s"), word() != nil, word() != nil, rest.first == "C" else { return nil }
    rest = rest.dropFirst()
    return word().map(String.init)
  }
}
