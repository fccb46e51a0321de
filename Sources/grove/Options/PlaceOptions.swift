import ArgumentParser
import ClusterFile

/// The configuration, and where the runs are.
struct PlaceOptions: ParsableArguments {
  @OptionGroup var configuration: ConfigurationOptions
  @Option(help: "The folder that runs are in; by default run.folder of the configuration.") var folder: String?

  func validate() throws {
    if folder != nil { try configuration.refuse("--folder", and: "run.folder") }
  }

  func read(and others: [ConfigurationOptions.Other] = []) throws -> ClusterFile {
    try configuration.read(and: others + place)
  }

  /// Where the runs are, whatever else is set.
  func path() throws -> String {
    var given = configuration
    given.overrides = configuration.overrides.filter { $0.hasPrefix("run.folder=") }
    return try given.read(and: place).run.folder
  }

  private var place: [ConfigurationOptions.Other] { folder.map { [("--folder \($0)", "run.folder=\($0)")] } ?? [] }
}
