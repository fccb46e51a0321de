import ActorCluster
import Addresses
import ArgumentParser
import ClusterFile
import WorkUnits

/// How a command reaches a running coordinator.
struct CoordinatorOptions: ParsableArguments {
  @OptionGroup var place: PlaceOptions

  @Option(
    help: ArgumentHelp(
      "Where it listens; by default that of the run which is under way in the folder, or cluster.bind of the configuration.",
      valueName: "tcp://host:port"))
  var coordinator: Address?

  /// - Throws: a usage error, if a run is named and an address is given, too.
  func refuseCoordinator(and run: String?) throws {
    guard run != nil, coordinator != nil else { return }
    throw ValidationError("the run's name and --coordinator both say which coordinator: give one of them")
  }

  /// Runs `body` while connected to the coordinator, to look at it.
  ///
  /// - Parameter run: whose it is; nil: of the one that is under way here.
  func withCoordinator<Result: Sendable>(
    of run: String? = nil, _ body: @Sendable (CoordinatorReference) async throws -> Result
  ) async throws -> Result {
    try await place.connected(to: try found(run)) { node, system in
      try await body(CoordinatorReference.resolve(id: .init(node: node, name: ActorNames.coordinator), using: system))
    }
  }

  /// Runs `body` while connected to the coordinator, to change its run.
  func withAdmin<Result: Sendable>(
    of run: String? = nil, _ body: @Sendable (AdminReference) async throws -> Result
  ) async throws -> Result {
    try await place.connected(to: try found(run)) { node, system in
      try await body(AdminReference.resolve(id: .init(node: node, name: ActorNames.admin), using: system))
    }
  }

  /// Where the coordinator of a run is.
  ///
  /// - Parameter run: nil: of the one that is under way in the folder, if there is one, else that of the configuration.
  /// - Throws: a sentence, if there are several, or that run is not under way.
  private func found(_ run: String?) throws -> String {
    let file = try place.read()
    if let coordinator { return try file.coordinator(coordinator).description }
    if let run { return try LiveRun.named(run, in: file.run.folder).endpoint }
    // Who says an address, or reads one of another machine, means what is there.
    let isElsewhere = Address(file.cluster.bind).map { !$0.isEverywhere && !$0.isOfThisMachine } ?? false
    guard !isElsewhere, !place.configuration.sets("cluster.bind"), let live = try LiveRun.only(in: file.run.folder)
    else { return try file.coordinator(nil).description }
    return live.endpoint
  }
}
