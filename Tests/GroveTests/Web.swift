import Fetching
import Foundation

/// Requests to servers of this machine.
enum Web {
  private static let patience = Duration.seconds(180)
  private static let largest = 16 << 20

  /// - Returns: the status, and what was answered, whole.
  static func get(_ address: String) async throws -> (status: Int, body: Data) {
    let reply = try await reply(to: Fetch(address))
    return (reply.status, reply.body)
  }

  /// - Parameter json: nil: no body.
  static func send(_ address: String, _ method: String, json: [String: Any]?) async throws -> Data {
    var fetch = Fetch(address)
    fetch.method = method
    if let json {
      fetch.headers["Content-Type"] = "application/json"
      fetch.body = try JSONSerialization.data(withJSONObject: json)
    }
    return try await reply(to: fetch).body
  }

  /// What the desk answers. - Parameters: - form: nil: one only looks. - accept: what a program wants; a browser `text/html`.
  static func desk(
    _ address: String, _ form: [String: String]?, headers: [String: String], accept: String = "application/json"
  ) async throws -> (status: Int, body: Data) {
    var fetch = Fetch(address)
    fetch.headers = headers
    fetch.headers["Accept"] = accept
    if let form { fetch.post(form) }
    var reply = try await reply(to: fetch)
    // A browser goes on to where it is sent.
    if reply.status == 303, let path = reply.headers["location"],
      let there = URL(string: path, relativeTo: URL(string: address))
    {
      var next = Fetch(there.absoluteString)
      next.headers = headers
      next.headers["Accept"] = accept
      reply = try await self.reply(to: next)
    }
    return (reply.status, reply.body)
  }

  private static func reply(to fetch: Fetch) async throws -> Fetch.Reply {
    var fetch = fetch
    (fetch.patience, fetch.timeout, fetch.largest) = (.seconds(10), patience, largest)
    return try await Fetcher().reply(to: fetch)
  }
}
