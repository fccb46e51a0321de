import Foundation
import HTTPTypes
import Hummingbird

/// Those who look at pages that change: each gets a page again when it has changed, as a server-sent event.
///
/// A page is made once for all who look at it.
actor Viewers {
  private struct Rendered {
    let time: ContinuousClock.Instant
    let event: ByteBuffer
  }

  /// Looking at a page costs no more than making it so often.
  private static let period = Duration.seconds(1)
  /// Without news, a sign of life is sent after so many periods.
  private static let patience = 15
  private static let most = 100

  private let renderer: Renderer
  private var rendered: [Place: Rendered] = [:]
  private var count = 0

  init(_ renderer: Renderer) {
    self.renderer = renderer
  }

  /// The main part of a page, as an event.
  private func event(_ place: Place) async throws -> ByteBuffer {
    if let known = rendered[place], known.time.duration(to: .now) < Self.period { return known.event }
    let text = try await renderer.page(place).main.text
    let event = ByteBuffer(string: "data: \(String(decoding: try JSONEncoder().encode(text), as: UTF8.self))\n\n")
    rendered = rendered.filter { $0.value.time.duration(to: .now) < Self.period }
    rendered[place] = Rendered(time: .now, event: event)
    return event
  }

  private func checkRoom() throws(PageError) {
    guard count < Self.most else {
      throw PageError(.serviceUnavailable, "\(count) pages are being looked at already; this one does not change.")
    }
  }

  private func enter() { count += 1 }
  private func leave() { count -= 1 }

  /// Answers a request for the events of a page, which its parameter `page` names.
  nonisolated func follow(_ request: Request) async throws -> Response {
    guard let asked = request.query["page"], let parts = URLComponents(string: asked) else {
      throw PageError(.badRequest, "The parameter page is missing, such as page=/.")
    }
    let query = Dictionary(
      (parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { "\($0),\($1)" })
    let place = try Place(path: parts.percentEncodedPath, query: query)
    // What can't be shown is said now, with its status.
    _ = try await event(place)
    try await checkRoom()
    let body = ResponseBody { writer in
      // Only now: who is gone before the answer begins never looked, and would never leave.
      await self.enter()
      let sent: Result<Void, any Error>
      do {
        sent = .success(try await self.send(place, to: &writer))
      } catch {
        sent = .failure(error)
      }
      await self.leave()
      try sent.get()
      try await writer.finish(nil)
    }
    var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
    // A proxy is to hand on what there is, not to wait for more.
    if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
    return Response(status: .ok, headers: headers, body: body)
  }

  private nonisolated func send(_ place: Place, to writer: inout any ResponseBodyWriter) async throws {
    var last = ByteBuffer()
    var quiet = 0
    while !Task.isCancelled {
      let event = try await event(place)
      if event != last {
        try await writer.write(event)
        (last, quiet) = (event, 0)
      } else {
        quiet += 1
        if quiet.isMultiple(of: Self.patience) { try await writer.write(ByteBuffer(string: ": still here\n\n")) }
      }
      try await Task.sleep(for: Self.period)
    }
  }
}
