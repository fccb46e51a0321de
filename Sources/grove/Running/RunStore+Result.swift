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
