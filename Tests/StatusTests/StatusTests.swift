import Foundation
import Status
import Testing

/// Tools read these names.
struct StatusTests {
  private func keys(_ value: some Encodable, at path: [String] = []) throws -> Set<String> {
    var object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(value))
    for step in path {
      let inner = (object as? [String: Any])?[step]
      object = try #require((inner as? [Any])?.first ?? inner)
    }
    return Set(try #require(object as? [String: Any]).keys)
  }

  private let accuracy = Accuracy(
    .init(student: 0.5, teacher: 0.25, amplified: 1), byClass: ["k=2–3": .init(student: 1, teacher: 1, amplified: 1)])

  @Test func clusterStatus() throws {
    var run = RunStatus(name: "r", task: "permutation", rounds: 10)
    run.accuracy = accuracy
    run.secondsLeft = 3
    let status = ClusterStatus(
      cluster: .init(name: "c", version: "1", uptime: 2),
      workers: [WorkerStatus(id: "w", host: "h", pid: 1, state: "up")],
      run: run)
    #expect(try keys(status) == ["cluster", "workers", "run", "warnings"])
    #expect(try keys(status, at: ["cluster"]) == ["name", "version", "uptime_s"])
    #expect(
      try keys(status, at: ["workers"]) == [
        "id", "host", "pid", "state", "model_version", "rss_bytes", "questions_per_s", "gradients_per_s", "cores",
        "device", "memory_bytes", "shards_done",
        "last_seen_ms", "slow", "work", "computing", "processor_s", "warnings",
      ])
    #expect(
      try keys(status, at: ["run"]).isSuperset(of: [
        "name", "task", "phase", "round", "rounds", "accuracy", "human_queue", "eta_s",
      ]))
    #expect(try keys(status, at: ["run", "accuracy"]) == ["student", "teacher", "amplified", "by_class"])
  }

  private func status(_ change: (inout RunStatus, inout [WorkerStatus], inout ClusterStatus.Cluster) -> Void)
    -> ClusterStatus
  {
    var run = RunStatus(name: "r", task: "permutation", rounds: 10)
    (run.phase, run.round, run.roundsPerSecond, run.secondsSinceRound) = (.training, 5, 1, 1)
    var worker = WorkerStatus(id: "w", host: "h", pid: 1, state: "up")
    worker.modelVersion = 5
    var cluster = ClusterStatus.Cluster(name: "c", version: "1", uptime: 2)
    cluster.diskFreeBytes = 5 << 30
    var workers = [worker]
    change(&run, &workers, &cluster)
    return ClusterStatus(cluster: cluster, workers: workers, run: run)
  }

  @Test func whatIsWrongIsSaidAndWhatIsNotIsNot() {
    #expect(status { _, _, _ in }.warnings.isEmpty && status { _, _, _ in }.isHealthy)
    let problems = [
      status { _, workers, _ in workers = [] }, status { run, _, _ in run.secondsSinceRound = 61 },
      status { _, _, cluster in cluster.diskFreeBytes = 100 << 20 },
    ]
    for status in problems {
      #expect(status.warnings.count == 1 && status.warnings.allSatisfy { !$0.remedy.isEmpty } && !status.isHealthy)
    }
    #expect(problems[0].warnings[0].what.contains("no worker"))
    #expect(problems[1].warnings[0].what == "no round was done for 61 s")
    #expect(problems[2].warnings[0].what.contains("100 MiB"))
    // Rounds that take a minute each are no standstill.
    #expect(status { run, _, _ in (run.roundsPerSecond, run.secondsSinceRound) = (1.0 / 60, 600) }.isHealthy)
    let notices = [
      status { _, workers, _ in workers[0].isSlow = true }, status { _, workers, _ in workers[0].state = "suspect" },
      status { _, workers, _ in workers[0].modelVersion = 3 },
    ]
    for status in notices { #expect(status.warnings.map(\.severity) == [.notice] && status.isHealthy) }
    // A run that is finished needs nobody.
    #expect(status { run, workers, _ in (run.phase, workers) = (.finished, []) }.isHealthy)
  }

  @Test func result() throws {
    let result = RunResult(
      name: "r", task: "permutation", seed: 1, workers: 2, rounds: 3, steps: 4, wallSeconds: 5, humanDecompositions: 6,
      amplifiedQuestions: 7, subQuestions: 8, memoHits: 0, accuracy: accuracy, weightsSHA256: "ab", finished: true)
    #expect(
      try keys(result) == [
        "name", "task", "seed", "workers", "rounds", "steps", "wall_seconds", "human_decompositions",
        "amplified_questions", "sub_questions", "memo_hits", "accuracy", "weights_sha256", "finished",
      ])
    #expect(try JSONDecoder().decode(RunResult.self, from: JSONEncoder().encode(result)) == result)
  }
}
