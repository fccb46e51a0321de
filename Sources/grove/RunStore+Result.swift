import ClusterFile
import Coordinator
import Foundation
import RunStore
import Status

extension RunStore {
  /// What the run came to when it ended, also if it was given more to do since. - Throws: a sentence if that can't be read.
  func result() async throws -> RunResult? {
    guard let data = try await contents(of: "result.json") else { return nil }
    guard var result = try? JSONDecoder().decode(RunResult.self, from: data), result.isPossible else {
      throw Failure(
        "\(folder.path)/result.json can't be read, because it is damaged or of another version: remove it, and grove run "
          + "--name \(name) makes it anew")
    }
    // Whoever renames the folder renames the run.
    result.name = name
    return result
  }

  /// What was measured so far, oldest first.
  ///
  /// - Parameter report: is told of each line that can't be read, and of what is missing.
  func history(report: (String) -> Void) async throws -> [MetricsLine] {
    let (lines, problems) = try await metrics(MetricsLine.self)
    for problem in problems { report(problem) }
    let history = lines.filter(\.isPossible)
    if let gap = try await gap(in: history) { report(gap) }
    return history
  }

  /// What a run must have measured, and is not there, as a sentence; nil: nothing that is known of.
  private func gap(in history: [MetricsLine]) async throws -> String? {
    var file = ClusterFile()
    guard let data = try await contents(of: "config.yaml"),
      (try? file.take(yaml: String(decoding: data, as: UTF8.self), named: "config.yaml")) != nil
    else { return nil }
    let result = (try? await result()).map { (rounds: $0.rounds, steps: $0.steps) }
    let known = [result, history.last.map { (rounds: $0.round, steps: $0.steps) }].compactMap(\.self)
    guard let now = known.max(by: { $0.rounds < $1.rounds }) else { return nil }
    // It is measured from the round on in which X had something to learn, which it then did in each.
    let first = now.rounds - now.steps / file.distillation.steps
    let every = file.run.evaluateEvery
    let missing = now.rounds / every - (max(1, first) - 1) / every - history.count
    guard now.steps > 0, missing > 0 else { return nil }
    return "metrics.jsonl lacks \(missing) of what was measured up to round \(now.rounds): it is truncated or damaged"
  }
}

extension RunResult {
  /// - Throws: a sentence, if a finished run has nothing to go on with by other rules.
  func checkMore(in file: ClusterFile, than before: ClusterFile) throws {
    let end = "the run \(name) is finished after \(rounds) rounds and \(steps) steps"
    guard file.run.rounds > rounds else {
      throw Failure("\(end), and run.rounds is \(file.run.rounds): choose more with --set run.rounds=N")
    }
    guard file.run.steps > steps else {
      throw Failure("\(end), and run.steps is \(file.run.steps): choose more with --set run.steps=N")
    }
    // It was good enough.
    guard rounds >= before.run.rounds || steps >= before.run.steps || file.run.stopAt > before.run.stopAt else {
      throw Failure(
        "\(end), as student and amplified reached run.stop_at, which is \(file.run.stopAt): choose more with "
          + "--set run.stop_at=N (above 1: never)")
    }
  }
}
