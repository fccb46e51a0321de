import ArgumentParser
import ClusterFile
import Coordinator
import Torch
import Worker

/// The models of a finished or unfinished run.
package struct RunOptions: ParsableArguments {
  @Argument(help: "The run's name.", completion: Completions.runs) var run: String
  @OptionGroup var place: FolderOptions

  package init() {}

  func kept() async throws -> KeptRun { try await KeptRun(run, in: place.path()) }

  /// The configuration of the run, and its models as of the newest checkpoint.
  package func models() async throws -> LoadedModels {
    _ = try Engine.start()
    let kept = try await kept()
    return try LoadedModels(kept.file, try RunCheckpoint.models(in: await kept.checkpoint().file))
  }
}
