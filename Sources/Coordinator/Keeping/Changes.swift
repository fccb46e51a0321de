import ClusterFile
import Foundation
import RunStore
import Status

/// A run was to be resumed with a configuration that is not its own.
public struct ConfigurationChange: Error, Equatable, CustomStringConvertible {
  public let description: String

  /// - Parameter isFinished: whether only what it came to is wanted, so that it has to have ended by the same rules, too.
  /// - Throws: that a run was made with another configuration, and what may be done.
  public static func check(
    _ configuration: ClusterFile, goesOnWith store: RunStore, isFinished: Bool = false
  ) async throws {
    guard let before = try await Self.configuration(of: store) else { return }
    let differences = configuration.differences(from: before)
    let all = configuration.differences(from: before, countingEnds: isFinished).joined(separator: "; ")
    guard !all.isEmpty else { return }
    let run = "the run \(store.name)"
    if !isFinished {
      throw ConfigurationChange(
        description: "\(run) was begun with another configuration: \(all). Choose another --name, or the configuration "
          + "that it was begun with; only \(ClusterFile.endsOfRuns) may change")
    }
    let goingOn =
      differences.isEmpty
      ? ", or go on with it: grove run --continue \(store.name) --set run.rounds=\(configuration.run.rounds)" : ""
    throw ConfigurationChange(
      description: "\(run) is finished, and was made with another configuration: \(all). Choose another --name, or the "
        + "configuration that it was made with\(goingOn)")
  }

  /// What a run was begun with; nil if it is new.
  static func configuration(of store: RunStore) async throws -> ClusterFile? {
    guard let data = try await store.contents(of: "config.yaml") else { return nil }
    var before = ClusterFile()
    try before.take(yaml: String(decoding: data, as: UTF8.self), named: "config.yaml of the run \(store.name)")
    return before
  }
}

extension RunResult.Limits {
  /// Those of a configuration.
  public init(_ file: ClusterFile) {
    self.init(rounds: file.run.rounds, steps: file.run.steps, stopAt: file.run.stopAt)
  }
}

extension RunResult {
  /// Whether a run with this configuration has ended: not if it was given more to do since.
  public func isEnd(of file: ClusterFile) -> Bool { limits.map { $0 == .init(file) } ?? true }

  /// Has the result of a run that goes on by other rules say by which it had ended.
  static func settle(in store: RunStore) async throws {
    guard let before = try await ConfigurationChange.configuration(of: store),
      let data = try await store.contents(of: "result.json"),
      var result = try? JSONDecoder().decode(RunResult.self, from: data), result.limits == nil
    else { return }
    result.limits = Limits(before)
    try await store.writeAtomically(try JSONEncoder.forPeople.encode(result), to: "result.json")
  }
}

/// A run was to be resumed by another build than the one that made it.
public struct BuildChange: Error, Equatable, CustomStringConvertible {
  let run, before, now: String

  /// - Throws: that the build that made a run is not the one that is to go on with it.
  public static func check(_ build: String, goesOnWith store: RunStore) async throws {
    guard let before = try await store.journal.builds().last, before != build else { return }
    throw BuildChange(run: store.name, before: before, now: build)
  }

  public var description: String {
    "the run \(run) was made by the build \(before), and this is the build \(now): together they may not give the bits "
      + "that either gives alone. Go on with the other one, begin another run with --name, or add --accept-build"
  }
}
