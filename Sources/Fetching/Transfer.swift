import CCurl
import Foundation
import Synchronization

/// What has come of a reply.
final class Transfer: @unchecked Sendable {
  // Sendable: all but `cancelled`, which is atomic, is only touched on the fetcher's queue.
  private(set) var headers: [String: String] = [:]
  private(set) var body = Data()
  /// Bytes that may still come.
  private var room: Int
  private let cancelled = Atomic(false)

  init(largest: Int) { room = largest }

  var isTooLarge: Bool { room < 0 }
  var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
  func cancel() { cancelled.store(true, ordering: .relaxed) }

  /// Has libcurl tell this object of its next transfer, which must not outlive it.
  func attach(to curl: UnsafeMutableRawPointer) {
    let this = Unmanaged.passUnretained(self).toOpaque()
    for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA] {
      _ = grove_curl_set_pointer(curl, option, this)
    }
    _ = grove_curl_set_receiver(curl, CURLOPT_WRITEFUNCTION) { bytes, _, count, this in
      Transfer.from(this)?.take(body: UnsafeRawBufferPointer(start: bytes, count: count)) ?? 0
    }
    _ = grove_curl_set_receiver(curl, CURLOPT_HEADERFUNCTION) { bytes, _, count, this in
      Transfer.from(this)?.take(head: UnsafeRawBufferPointer(start: bytes, count: count)) ?? 0
    }
    _ = grove_curl_set_watch(curl) { this, _, _, _, _ in Transfer.from(this)?.isCancelled == false ? 0 : 1 }
    _ = grove_curl_set_number(curl, CURLOPT_NOPROGRESS, 0)
  }

  private static func from(_ pointer: UnsafeMutableRawPointer?) -> Transfer? {
    pointer.map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
  }

  /// - Returns: bytes that were taken; fewer than came end the transfer.
  private func take(body part: UnsafeRawBufferPointer) -> Int {
    room -= part.count
    guard !isTooLarge else { return 0 }
    body.append(contentsOf: part)
    return part.count
  }

  private func take(head line: UnsafeRawBufferPointer) -> Int {
    room -= line.count
    guard !isTooLarge else { return 0 }
    let text = String(decoding: line, as: UTF8.self)
    // What came before, as “100 Continue”, was not the reply.
    if text.hasPrefix("HTTP/") { headers = [:] }
    let parts = text.split(separator: ":", maxSplits: 1)
    if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespacesAndNewlines) }
    return line.count
  }
}
