import CCurl
import Dispatch

/// Asks servers over HTTP, one after another, and keeps the connection to the last one.
///
/// It is libcurl's, on a thread of its own: the threads that Swift's tasks share never wait for a server. It goes to the
/// server itself, never by a proxy that the environment names; it keeps no cookies; and what a server answers is the
/// answer, also that something is elsewhere: a token goes where it was sent and nowhere else.
public final class Fetcher: @unchecked Sendable {
  private let queue = DispatchQueue(label: "grove.fetch")
  // Sendable: libcurl's handle is only touched on `queue`, which does one thing after another.
  private let curl: UnsafeMutableRawPointer?

  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  public init() { curl = Self.isReady ? curl_easy_init() : nil }
  deinit { curl_easy_cleanup(curl) }

  /// - Throws: ``Fetch/Failure`` if there is no reply, or a longer one than is wanted.
  public func reply(to fetch: Fetch) async throws -> Fetch.Reply {
    let transfer = Transfer(largest: fetch.largest)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        queue.async { continuation.resume(with: Result { try self.perform(fetch, transfer) }) }
      }
    } onCancel: {
      transfer.cancel()
    }
  }

  private func perform(_ fetch: Fetch, _ transfer: Transfer) throws -> Fetch.Reply {
    guard let curl else { throw Fetch.Failure(address: fetch.address, reason: "libcurl can't be used") }
    guard fetch.address.hasPrefix("http://") || fetch.address.hasPrefix("https://") else {
      throw Fetch.Failure(address: fetch.address, reason: "an address begins with http:// or https://")
    }
    curl_easy_reset(curl)
    let headers = set(fetch, on: curl)
    defer { curl_slist_free_all(headers) }
    transfer.attach(to: curl)
    let code = curl_easy_perform(curl)
    if transfer.isCancelled { throw CancellationError() }
    if transfer.isTooLarge {
      throw Fetch.Failure(address: fetch.address, reason: "it answers with more than \(fetch.largest) bytes")
    }
    guard code == CURLE_OK else {
      throw Fetch.Failure(address: fetch.address, reason: String(cString: curl_easy_strerror(code)))
    }
    return Fetch.Reply(status: grove_curl_status(curl), headers: transfer.headers, body: transfer.body)
  }

  /// - Returns: the headers, which have to stay until the reply is there.
  private func set(_ fetch: Fetch, on curl: UnsafeMutableRawPointer) -> UnsafeMutablePointer<curl_slist>? {
    func set(_ option: CURLoption, _ value: Int) { _ = grove_curl_set_number(curl, option, value) }
    func set(_ option: CURLoption, _ text: String) { _ = grove_curl_set_pointer(curl, option, text) }
    set(CURLOPT_URL, fetch.address)
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_PROXY, "")
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_CONNECTTIMEOUT_MS, fetch.patience.milliseconds)
    set(CURLOPT_TIMEOUT_MS, fetch.timeout.milliseconds)
    set(CURLOPT_CUSTOMREQUEST, fetch.method)
    if fetch.method == "HEAD" { set(CURLOPT_NOBODY, 1) }
    if let body = fetch.body {
      set(CURLOPT_POSTFIELDSIZE, body.count)
      _ = body.withUnsafeBytes { grove_curl_set_pointer(curl, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
    }
    // Without “Expect:”, a second is waited for a server that does not say that it will take a long body.
    let lines = fetch.headers.map { "\($0): \($1)" } + ["Expect:"]
    let headers = lines.reduce(nil) { curl_slist_append($0, $1) }
    _ = grove_curl_set_pointer(curl, CURLOPT_HTTPHEADER, headers)
    return headers
  }
}

extension Duration {
  fileprivate var milliseconds: Int { Int(self / .milliseconds(1)) }
}
