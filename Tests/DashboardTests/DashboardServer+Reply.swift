import Dashboard
import Fetching

extension DashboardServer {
  /// What it answers, run for this one question. - Parameter fetch: its address is a path.
  func reply(to fetch: Fetch) async throws -> Fetch.Reply {
    let (ports, port) = AsyncStream<Int>.makeStream()
    let server = Task {
      defer { port.finish() }
      try await run { port.yield($0) }
    }
    defer { server.cancel() }
    var fetch = fetch
    for await port in ports {
      fetch.address = "http://127.0.0.1:\(port)" + fetch.address
      return try await Fetcher().reply(to: fetch)
    }
    // It did not come to listen.
    try await server.value
    throw CancellationError()
  }
}
