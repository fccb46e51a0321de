import ClusterFile
import Status

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
