import Foundation
import Testing

/// A cluster of processes, of which the run goes on until what is to happen has happened.
final class Cluster {
  let program: Program
  let address: String
  private let rounds: Int
  private let more: [String]
  private(set) var coordinator: Running
  private(set) var workers: [String: Running] = [:]

  /// - Parameter rounds: that the run does in any case.
  convenience init(workers: Int, rounds: Int = 60, _ more: String...) throws {
    try self.init(workers: workers, rounds: rounds, more)
  }

  init(workers: Int, rounds: Int, _ more: [String]) throws {
    program = try Program()
    address = try Program.freeAddress()
    self.rounds = rounds
    self.more = ["cluster.failure_timeout_ms=1000", "cluster.heartbeat_ms=100"] + more
    coordinator = try Self.coordinator(program, address, self.more)
    for number in 0..<workers { try startWorker("worker-\(number + 1)") }
  }

  func startCoordinator() throws {
    coordinator = try Self.coordinator(program, address, more)
  }

  private static func coordinator(_ program: Program, _ address: String, _ more: [String]) throws -> Running {
    try program.start(
      ["coordinator", "--name", "disturbed"]
        + SmallRun.settings(more + ["run.rounds=100000", "cluster.bind=\(address)"]))
  }

  @discardableResult func startWorker(_ name: String, _ environment: [String: String] = [:]) throws -> Running {
    let worker = try program.start(
      ["worker", "--name", name, "--coordinator", address] + SmallRun.settings(more), environment: environment)
    workers[name] = worker
    return worker
  }

  /// Looks at the status until it is as wanted. - Throws: if the coordinator ended first.
  @discardableResult func status(
    _ wanted: ([String: Any], [String: [String: Any]]) -> Bool
  ) async throws -> [String: [String: Any]] {
    var seen = ""
    while true {
      guard let status = try await program.status(address) else {
        try #require(coordinator.isRunning, "the run ended before its status was as wanted; the last was \(seen)")
        continue
      }
      let run = try #require(status["run"] as? [String: Any])
      let list = try #require(status["workers"] as? [[String: Any]])
      let workers = Dictionary(list.map { ($0["id"] as? String ?? "", $0) }, uniquingKeysWith: { first, _ in first })
      if wanted(run, workers) { return workers }
      seen = "\(list)"
    }
  }

  func round(atLeast round: Int) async throws {
    try await status { run, _ in run["round"] as? Int ?? 0 >= round }
  }

  /// Ends the run some rounds later, when all workers that are left take part: its bits are the same as without any fault.
  func expectTheSameBits() async throws {
    var last = rounds
    try await status { run, members in
      last = max(last, (run["round"] as? Int ?? 0) + 10)
      return workers.allSatisfy { !$1.isRunning || Self.isUp(members[$0]) }
    }
    try await round(atLeast: last)
    coordinator.signal(SIGTERM)
    let ended = await coordinator.ended()
    #expect(ended.status == 4, "\(ended.errors)")
    for (name, worker) in workers where worker.isRunning || worker.wasNotSignalled {
      // On a busy machine one may be thought down just then; only that one waits for the coordinator to come back.
      let last = ended.errors.split(separator: "\n").last {
        $0.contains("\(name) joined") || $0.contains("\(name) is down")
      }
      if last?.contains("is down") == true { worker.signal(SIGTERM) }
      #expect(await worker.ended().status == 0, "\(name)")
    }
    try await program.expectTheSameBits(of: "disturbed", SmallRun.settings(more))
  }

  /// Whether a worker, as the status tells, has the models and works.
  static func isUp(_ worker: [String: Any]?) -> Bool {
    worker?["state"] as? String == "up" && (worker?["model_version"] as? Int ?? 0) > 0
  }
}
