import ArgumentParser
import Commands
import Dashboard
import Foundation
import Status

/// `grove bench dashboard`
struct BenchDashboard: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard",
    abstract: "How fast the dashboard of a large cluster answers, and what it costs.",
    discussion: """
      The cluster is made up: its workers change with every look. Another process looks: it asks for the overview \
      again and again, and then keeps it open in several windows, while this one measures its own processor time. \
      Then it asks for the list of many finished runs of a thousand measurements each, and this one's memory is \
      measured.

      Example: grove bench dashboard --workers 64 --viewers 10
      """)

  @Option(help: "Of the cluster, 1 to 1024.") var workers = 64
  @Option(help: "Windows that are open, 1 to 64.") var viewers = 10
  @Option(help: "Seconds that they are open, 1 to 600.") var seconds = 10
  @Option(help: "Finished runs in the list, 1 to 10000.") var runs = 1000
  @Option(help: .hidden) var look: Int?
  @Flag(help: .hidden) var lookAtRuns = false

  private static let requests = 200

  func validate() throws {
    guard (1...1024).contains(workers) else { throw ValidationError("--workers is \(workers); allowed is 1 to 1024") }
    guard (1...64).contains(viewers) else { throw ValidationError("--viewers is \(viewers); allowed is 1 to 64") }
    guard (1...600).contains(seconds) else { throw ValidationError("--seconds is \(seconds); allowed is 1 to 600") }
    guard (1...10_000).contains(runs) else { throw ValidationError("--runs is \(runs); allowed is 1 to 10000") }
  }

  func run() async throws {
    if let look { return try lookAtRuns ? BenchRuns.look(port: look) : lookOn(port: look) }
    let server = try DashboardServer(
      .init(host: "127.0.0.1", port: 0, token: nil), source: MadeUpCluster(workers: workers), log: Logs.quiet)
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run { found.yield($0) } }
      guard let port = await ports.first(where: { _ in true }) else { throw Failure("the dashboard did not start") }
      let child = try await BenchChild([
        "bench", "dashboard", "--look", "\(port)", "--viewers", "\(viewers)", "--seconds", "\(seconds)",
      ])
      let times = child.firstLine.split(separator: " ").compactMap { Double($0) }
      guard times.count == 2 else { throw Failure("the process that looks failed: \(child.firstLine)") }
      let before = Self.processorSeconds
      // Ends when the windows are closed.
      try await child.end()
      let share = 100 * (Self.processorSeconds - before) / Double(seconds)
      show(median: times[0], longest: times[1], share: share)
      group.cancelAll()
    }
    try await BenchRuns.measure(runs)
  }

  private func show(median: Double, longest: Double, share: Double) {
    let colours = Terminal.colours
    print("  \(workers) workers, \(Self.requests) requests, then \(viewers) windows for \(seconds) s\n")
    for promise in [
      Promise(name: "the overview, median, ms", value: median, most: 100),
      Promise(name: "the overview, longest, ms", value: longest, most: 100),
      Promise(name: "processor time with \(viewers) windows, % of one core", value: share, most: 1),
    ] { print(promise.line(colours: colours)) }
  }

  /// Of this process so far.
  private static var processorSeconds: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
  }

  // MARK: The other process

  private func lookOn(port: Int) throws {
    var times: [Double] = []
    for _ in 0..<Self.requests {
      let started = ContinuousClock.now
      let page = try PlainConnection.page("/", port: port)
      guard page.contains("worker-\(1)") else { throw Failure("the overview shows no workers") }
      times.append(started.duration(to: .now) / .milliseconds(1))
    }
    print(times.median, times.max() ?? .nan)
    fflush(nil)
    let windows = try (0..<viewers).map { _ in try PlainConnection(port: port) }
    for window in windows { window.send("GET /events?page=/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") }
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      for window in windows { window.readWhatIsThere() }
      usleep(50_000)
    }
  }
}
