import ArgumentParser
import ClusterFile
import Coordinator
import Foundation
import RunStore
import Torch
import Worker

/// The models of a finished or unfinished run.
struct RunOptions: ParsableArguments {
  @Argument(help: "The run's name.") var run: String
  @Option(help: "The folder that runs are in.") var folder = "runs"

  /// The configuration of the run, and its models as of the newest checkpoint.
  func respondent() throws -> Respondent {
    _ = Engine.start()
    let kept = try KeptRun(run, in: folder)
    let report = { (sentence: String) in StandardStreams.complain("grove: \(sentence)\n") }
    guard let (_, arrays) = try kept.store.latestCheckpoint(report: report) else {
      throw Failure("the run \(run) has no checkpoint yet: wait until it has, every run.checkpoint_every rounds")
    }
    return try Respondent(kept.file, try RunCheckpoint.models(in: arrays, kept.file))
  }
}
