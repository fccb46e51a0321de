import Addresses
import Foundation
import Logging

/// The address of this machine that others reach it by.
enum LocalAddress {
  /// Milliseconds for which one of several addresses is waited for.
  private static let patience: Int32 = 1000

  /// By which address this machine reaches another. This machine's loopback if that is where the other is.
  ///
  /// Where the other's name leads to addresses of both kinds, IPv4 and IPv6, it is that by which the other answers.
  /// - Throws: a sentence, if the host has no address, or no way leads there.
  private static func towards(_ other: Address) throws -> Address {
    guard other.scheme == .tcp else { return Address(host: "127.0.0.1", port: nil) }
    let found: [Address]
    do {
      found = try other.lookedUp()
    } catch {
      throw Failure("the coordinator's host \(other.host) has no address: \(error.reason)")
    }
    let ways = found.compactMap { to in to.source.map { (to: to, from: Address(host: $0, port: nil)) } }
    guard let first = ways.first else { throw Failure("no way leads to the coordinator's host \(other.host)") }
    if ways.allSatisfy({ $0.from.isIPv6 == first.from.isIPv6 }) { return first.from }
    if ways.allSatisfy(\.from.isOfThisMachine) { return Address(host: "127.0.0.1", port: nil) }
    guard let open = ways.first(where: { $0.to.answers(within: patience) }) else {
      let all = ways.map(\.to.host).joined(separator: ", ")
      throw Failure("nothing answers at \(other) yet, which is \(all)")
    }
    return open.from
  }

  /// The same, as soon as the other has an address and there is a way: it may still be starting, as this machine may.
  static func found(towards other: Address, log: Logger) async throws -> Address {
    while true {
      // On a thread of its own, as names are looked up.
      let result = await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: Result { try towards(other) }) }
      }
      do {
        return try result.get()
      } catch let failure as Failure {
        log.notice("\(failure); still trying")
        try await Task.sleep(for: .seconds(2))
      }
    }
  }
}

extension Address {
  /// Why its host's name stands for no address; nil if it does. On a thread of its own, as names are looked up.
  var whyUnknown: String? {
    get async {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          do throws(AddressLookupError) {
            _ = try lookedUp()
            continuation.resume(returning: nil)
          } catch {
            continuation.resume(returning: error.reason)
          }
        }
      }
    }
  }
}
