import ArgumentParser
import ClusterFile
import Coordinator
import Torch
import Worker

/// The models of a finished or unfinished run.
struct RunOptions: ParsableArguments {
  @Argument(help: "The run's name.", completion: Completions.runs) var run: String
  @OptionGroup var place: FolderOptions

  func kept() async throws -> KeptRun { try await KeptRun(run, in: place.path()) }

  /// The configuration of the run, and its models as of the newest checkpoint.
  func models() async throws -> LoadedModels {
    _ = try Engine.start()
    let kept = try await kept()
    return try LoadedModels(kept.file, try RunCheckpoint.models(in: await kept.checkpoint().file))
  }
}

/// Where the runs are that a command looks at.
struct FolderOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The cluster's file, for its run.folder. Without it: cluster.yaml if there is one here, else the defaults.",
      valueName: "file"))
  var config: String?
  @Option(help: "The folder that runs are in; by default run.folder of the configuration.") var folder: String?

  func path() throws -> String {
    if let folder {
      var file = ClusterFile()
      do {
        file = try file.setting(["run.folder=\(folder)"])
      } catch {
        throw ValidationError(
          "\(error)".replacingOccurrences(of: "--set run.folder=\(folder)", with: "--folder \(folder)"))
      }
      return file.run.folder
    }
    return try ClusterFile.read(path: config ?? ConfigurationOptions.here).run.folder
  }
}
