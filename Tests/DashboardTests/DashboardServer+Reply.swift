import Dashboard
import Fetching

extension DashboardServer {
  /// What it answers, run for this one question, and ended when this returns. - Parameter fetch: its address is a path.
  func reply(to fetch: Fetch) async throws -> Fetch.Reply {
    let (ports, running) = AsyncStream<Int>.makeStream()
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { running.finish() }
        try await run { running.yield($0) }
      }
      var fetch = fetch
      for await port in ports {
        fetch.address = "http://127.0.0.1:\(port)" + fetch.address
        let reply = try await Fetcher().reply(to: fetch)
        group.cancelAll()
        return reply
      }
      // It did not come to listen.
      try await group.waitForAll()
      throw CancellationError()
    }
  }
}
