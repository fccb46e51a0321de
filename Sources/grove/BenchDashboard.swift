import ArgumentParser
import Dashboard
import Foundation
import Oversight
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
      let child = try BenchChild([
        "bench", "dashboard", "--look", "\(port)", "--viewers", "\(viewers)", "--seconds", "\(seconds)",
      ])
      let times = child.firstLine.split(separator: " ").compactMap { Double($0) }
      guard times.count == 2 else { throw Failure("the process that looks failed: \(child.firstLine)") }
      let before = Self.processorSeconds
      // Ends when the windows are closed.
      await Task.detached { child.process.waitUntilExit() }.value
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
    print(Bench.median(times), times.max() ?? .nan)
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

/// A connection to this machine, without a library, so that nothing but the server is measured.
final class PlainConnection {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw Failure("the dashboard can't be reached: \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  /// What is answered to a request of its own.
  static func page(_ path: String, port: Int) throws -> String {
    let connection = try PlainConnection(port: port)
    connection.send("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    return connection.readAll(for: 600)
  }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// Reads until the other side closes, or for so many seconds.
  func readAll(for seconds: Int) -> String {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { all += buffer[..<count] }
    return String(decoding: all, as: UTF8.self)
  }

  func readWhatIsThere() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 {}
  }
}

/// A cluster that is nowhere, and that is another at every look.
private struct MadeUpCluster: DashboardSource {
  private static let name = "made-up"
  let workers: Int

  func status() async -> ClusterStatus? {
    var run = RunStatus(name: Self.name, task: "permutation", rounds: 1000)
    run.phase = .training
    run.round = Int.random(in: 1...1000)
    run.accuracy = accuracy(1)
    return ClusterStatus(
      cluster: .init(name: "bench", version: "0", uptime: 1),
      workers: (1...workers).map { number in
        var worker = WorkerStatus(id: "worker-\(number)", host: "host-\(number)", pid: number, state: "up")
        worker.modelVersion = run.round
        worker.questionsPerSecond = .random(in: 1000...9000)
        worker.gradientsPerSecond = .random(in: 10...90)
        worker.residentBytes = .random(in: 1...(1 << 30))
        return worker
      }, run: run)
  }

  private func accuracy(_ value: Double) -> Accuracy {
    let row = Accuracy.Row(student: value, teacher: value, amplified: value)
    return Accuracy(row, byClass: Dictionary(uniqueKeysWithValues: (1...6).map { ("k=\($0)", row) }))
  }

  func runs() async -> [RunSummary] { [] }

  func run(_ name: String) async -> RunRecord? {
    RunRecord(
      name: Self.name, task: "permutation", configuration: "",
      history: (0..<400).map { round in
        MetricsLine(
          round: 10 * round, steps: 100 * round, wallSeconds: Double(round), elements: 8, agreement: 0.9, loss: 0.1,
          overseerLoss: 0.1, humanDecompositions: round, amplifiedQuestions: round, subQuestions: round, memoHits: 0,
          accuracy: accuracy(Double(round) / 400))
      }, result: nil, events: [], roundsWithTrees: [])
  }

  func trees(of run: String, round: Int) async -> [KeptTree] { [] }
  func file(_ file: RunFile, of run: String) async throws -> Data? { nil }
  var desk: Desk? { nil }

  func metrics() async -> String? { nil }
}
