import Foundation
import Testing

/// Runs that are small enough for a debug build.
enum SmallRun {
  /// Every kind of work happens: H is asked, H′ learns and takes over, questions are amplified, X is distilled.
  static func settings(_ more: [String] = []) -> [String] {
    let settings =
      [
        "run.rounds=24", "run.evaluate_every=4", "run.checkpoint_every=5", "run.stop_at=2",
        "cluster.bind=tcp://127.0.0.1:*", "dashboard.bind=http://127.0.0.1:*",
        "task.size=5", "overseer.decompositions=100", "overseer.width=32", "amplification.contexts=12",
        "amplification.questions=6", "distillation.steps=3", "model.width=32", "model.fact_layers=2",
        "model.question_layers=2",
      ] + more
    return settings.flatMap { ["--set", $0] }
  }

  static func arguments(_ name: String, workers: Int, _ more: String...) -> [String] {
    ["run", "--name", name, "--workers", "\(workers)"] + settings(more)
  }
}

extension Program {
  /// Of a finished run that did every kind of work.
  func weights(of name: String) throws -> String {
    let result = try json("runs/\(name)/result.json")
    #expect(result["finished"] as? Bool == true)
    #expect((result["steps"] as? Int ?? 0) > 0)
    #expect((result["amplified_questions"] as? Int ?? 0) > 0)
    return try #require(result["weights_sha256"] as? String)
  }

  /// The rounds that a run has a checkpoint of.
  func checkpoints(of name: String) throws -> [Int] {
    try FileManager.default.contentsOfDirectory(atPath: "\(folder)/runs/\(name)/checkpoints")
      .filter { $0.hasSuffix(".safetensors") }.compactMap { Int($0.filter(\.isNumber)) }.sorted()
  }

  /// Compares what a run that was stopped has come to with one of as many rounds, without any fault.
  func expectTheSameBits(of name: String, _ settings: [String]) async throws {
    let rounds = try #require(try checkpoints(of: name).last, "\(name) has no checkpoint")
    for name in ["calm", name] {
      let run = try await self(
        ["run", "--name", name, "--workers", "1"] + settings
          + ["--set", "cluster.bind=tcp://127.0.0.1:*", "--set", "run.rounds=\(rounds)"])
      #expect(run.status == 0, "\(run.errors)")
    }
    let (expected, result) = (try json("runs/calm/result.json"), try json("runs/\(name)/result.json"))
    for key in [
      "rounds", "steps", "human_decompositions", "amplified_questions", "sub_questions", "weights_sha256",
    ] {
      let value = try #require(expected[key], "\(key)")
      #expect("\(result[key] ?? "")" == "\(value)", "\(key)")
    }
  }

  /// Runs a small run to its end. - Returns: its weights.
  func undisturbed(workers: Int = 2) async throws -> String {
    let ended = try await self(SmallRun.arguments("calm-\(workers)", workers: workers))
    #expect(ended.status == 0, "\(ended.errors)")
    return try weights(of: "calm-\(workers)")
  }

  /// What `grove status --json` says; nil if no coordinator answers.
  ///
  /// - Parameter prefix: what makes the namespace that it is asked in.
  func status(_ address: String, under prefix: [String] = []) async throws -> [String: Any]? {
    let asked = ["status", "--json", "--coordinator", address]
    let ended = await (prefix.isEmpty ? try start(asked) : try start(under: prefix, shell: "exec \"$0\" \"$@\"", asked))
      .ended()
    // 3: it answers that there is a problem.
    guard ended.status == 0 || ended.status == 3 else { return nil }
    return try #require(try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any])
  }

  /// Waits until a run has had so many workers for some rounds.
  func trains(_ coordinator: Running, at address: String, under prefix: [String] = [], with workers: Int) async throws {
    var first: Int?
    while true {
      guard let status = try await status(address, under: prefix) else {
        try #require(coordinator.isRunning, "the run ended before it had \(workers) workers")
        continue
      }
      let round = (status["run"] as? [String: Any])?["round"] as? Int ?? 0
      let members = status["workers"] as? [[String: Any]] ?? []
      guard members.count == workers, members.allSatisfy(Cluster.isUp) else { continue }
      if let first, round >= first + 5 { return }
      first = first ?? round
    }
  }
}
