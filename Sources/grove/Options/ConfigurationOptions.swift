import ArgumentParser
import ClusterFile
import Foundation
import Tasks

/// Where the configuration comes from.
package struct ConfigurationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The cluster's file. Without it: cluster.yaml if there is one here, else the defaults.", valueName: "file"),
    completion: Completions.yaml)
  package var config: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Sets one key over the file, as in --set task.size=16.", valueName: "key=value"),
    completion: Completions.keys)
  package var overrides: [String] = []

  package init() {}

  /// An option that sets a key: as it was typed, and as `--set` would have it.
  package typealias Other = (typed: String, setting: String)

  /// - Throws: a sentence; a usage error if the file alone is well.
  package func read(and others: [Other] = []) throws -> ClusterFile {
    let settings = overrides + others.map(\.setting)
    do {
      return try read(settings)
    } catch  where !settings.isEmpty && (try? read([])) != nil {
      throw Self.usage(error, others)
    }
  }

  /// Settings over a configuration that is known already. - Throws: a usage error.
  func set(over file: ClusterFile, and others: [Other]) throws -> ClusterFile {
    do {
      return try file.setting(overrides + others.map(\.setting))
    } catch {
      throw Self.usage(error, others)
    }
  }

  private static func usage(_ error: any Error, _ others: [Other]) -> ValidationError {
    ValidationError(others.reduce("\(error)") { $0.replacingOccurrences(of: "--set \($1.setting)", with: $1.typed) })
  }

  private func read(_ settings: [String]) throws -> ClusterFile {
    let file = try ClusterFile.read(path: config ?? Self.here, overrides: settings)
    _ = try file.makeTask()
    return file
  }

  /// The file that is read where none is named.
  static var here: String? { FileManager.default.fileExists(atPath: "cluster.yaml") ? "cluster.yaml" : nil }

  /// Whether the command line sets a key.
  func sets(_ key: String) -> Bool { overrides.contains { $0.hasPrefix("\(key)=") } }

  /// - Throws: a usage error, if a key is set that an option says, too.
  func refuse(_ option: String, and key: String) throws {
    guard sets(key) else { return }
    throw ValidationError("\(option) and --set \(key) say the same thing: give one of them")
  }
}
