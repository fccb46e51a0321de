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
    #expect(try keys(status) == ["cluster", "workers", "run"])
    #expect(try keys(status, at: ["cluster"]) == ["name", "version", "uptime_s"])
    #expect(
      try keys(status, at: ["workers"]) == [
        "id", "host", "pid", "state", "model_version", "rss_bytes", "questions_per_s", "gradients_per_s", "shards_done",
        "last_seen_ms", "slow",
      ])
    #expect(
      try keys(status, at: ["run"]).isSuperset(of: [
        "name", "task", "phase", "round", "rounds", "accuracy", "human_queue", "eta_s",
      ]))
    #expect(try keys(status, at: ["run", "accuracy"]) == ["student", "teacher", "amplified", "by_class"])
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
