import Foundation
import Testing

/// A cluster of processes that all run until the run is done.
final class Cluster {
  let program: Program
  let address: String
  private let more: [String]
  private(set) var coordinator: Running
  private(set) var workers: [String: Running] = [:]

  /// - Parameter rounds: so that there is time for what is to happen.
  init(workers: Int, rounds: Int = 60, _ more: String...) throws {
    program = try Program()
    address = try Program.freeAddress()
    self.more = ["run.rounds=\(rounds)", "cluster.failure_timeout_ms=1000", "cluster.heartbeat_ms=100"] + more
    coordinator = try program.start(
      ["coordinator", "--name", "disturbed"] + SmallRun.settings(self.more + ["cluster.bind=\(address)"]))
    for number in 0..<workers { try startWorker("worker-\(number + 1)") }
  }

  func startCoordinator() throws {
    coordinator = try program.start(
      ["coordinator", "--name", "disturbed"] + SmallRun.settings(more + ["cluster.bind=\(address)"]))
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

  /// Waits for the end of the run, of which the bits are the same as without any fault.
  func expectTheSameBits() async throws {
    let ended = await coordinator.ended()
    #expect(ended.status == 0, "\(ended.errors)")
    for (name, worker) in workers where worker.isRunning || worker.wasNotSignalled {
      #expect(await worker.ended().status == 0, "\(name)")
    }
    let calm = try await program(
      ["run", "--name", "calm", "--workers", "1"] + SmallRun.settings(more + ["cluster.bind=tcp://127.0.0.1:*"]))
    #expect(calm.status == 0, "\(calm.errors)")
    let (expected, result) = (
      try program.json("runs/calm/result.json"), try program.json("runs/disturbed/result.json")
    )
    for key in [
      "rounds", "steps", "human_decompositions", "amplified_questions", "sub_questions", "weights_sha256",
    ] {
      #expect("\(result[key] ?? "")" == "\(expected[key] ?? "")", "\(key)")
    }
  }

  /// Whether a worker, as the status tells, has the models and works.
  static func isUp(_ worker: [String: Any]?) -> Bool {
    worker?["state"] as? String == "up" && (worker?["model_version"] as? Int ?? 0) > 0
  }
}
