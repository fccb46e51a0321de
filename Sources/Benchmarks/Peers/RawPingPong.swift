import CPingPong
import Synchronization
import ZeroMQ

/// libzmq in plain C, without anything of Grove's: what calls are measured against.
enum RawPingPong {
  private static let onBound = Mutex<(@Sendable (String) -> Void)?>(nil)

  /// Answers every message with itself until one of zero bytes comes. Blocks its thread.
  static func echo(binding endpoint: String, bound: @escaping @Sendable (String) -> Void) throws(ZeroMQError) {
    onBound.withLock { $0 = bound }
    let failed = grove_raw_echo(endpoint) { address in
      guard let address else { return }
      RawPingPong.onBound.withLock(\.self)?(String(cString: address))
    }
    guard failed == 0 else { throw ZeroMQError(call: "bind", subject: endpoint, code: failed) }
  }

  /// Sends `size` bytes `rounds` times, `outstanding` at a time. Blocks its thread.
  ///
  /// - Returns: the time of all, and of each round if one is outstanding.
  static func ping(
    _ endpoint: String, size: Int, rounds: Int, outstanding: Int
  ) throws(ZeroMQError) -> (total: Duration, each: [Duration]) {
    var each = [Int64](repeating: 0, count: rounds)
    let took = grove_raw_ping(endpoint, Int64(size), Int64(rounds), Int64(outstanding), &each, 0)
    guard took >= 0 else { throw ZeroMQError(call: "ping", subject: endpoint, code: Int32(-took)) }
    return (.nanoseconds(took), outstanding == 1 ? each.map { .nanoseconds($0) } : [])
  }
}
