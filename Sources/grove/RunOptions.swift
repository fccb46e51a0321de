import ArgumentParser
import ClusterFile
import Coordinator
import Torch
import Worker

/// The models of a finished or unfinished run.
struct RunOptions: ParsableArguments {
  @Argument(help: "The run's name.") var run: String
  @Option(help: "The folder that runs are in.") var folder = "runs"

  /// The configuration of the run, and its models as of the newest checkpoint.
  func respondent() async throws -> Respondent {
    _ = try Engine.start()
    let kept = try await KeptRun(run, in: folder)
    return try Respondent(kept.file, try RunCheckpoint.models(in: await kept.checkpoint()))
  }
}
