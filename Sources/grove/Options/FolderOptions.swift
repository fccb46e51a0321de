import ArgumentParser
import ClusterFile

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
