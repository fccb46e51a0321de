import ActorCluster
import Addresses
import ArgumentParser
import ClusterFile
import Coordinator
import Foundation
import Hashing
import Tasks
import WorkUnits

/// Where the configuration comes from.
struct ConfigurationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The cluster's file. Without it: cluster.yaml if there is one here, else the defaults.", valueName: "file"),
    completion: Completions.yaml)
  var config: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Sets one key over the file, as in --set task.size=16.", valueName: "key=value"),
    completion: Completions.keys)
  var overrides: [String] = []

  /// An option that sets a key: as it was typed, and as `--set` would have it.
  typealias Other = (typed: String, setting: String)

  /// - Throws: a sentence; a usage error if the file alone is well.
  func read(and others: [Other] = []) throws -> ClusterFile {
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

/// How a run is gone on with.
struct TakingUpOptions: ParsableArguments {
  @Flag(help: "Goes on with a run also if another build of grove made it: the bits may then be neither's.")
  var acceptBuild = false
}

/// An address of a node on the command line; anything else is a usage error.
extension Address: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
    guard scheme != .http else { return nil }
  }
}

extension ClusterFile {
  /// Where the coordinator listens, as this machine connects to it. - Parameter given: on the command line, over the file.
  ///
  /// - Throws: a sentence, if that tells no port.
  func coordinator(_ given: Address?) throws -> Address {
    guard let address = given ?? Address(cluster.bind), address.scheme == .ipc || address.port != nil else {
      throw ValidationError(
        "\(given?.description ?? cluster.bind) says no port: name the coordinator's with --coordinator")
    }
    return address.fromHere
  }
}

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

extension PlaceOptions {
  /// Runs `body` while connected to a node.
  func connected<Result: Sendable>(
    to endpoint: String, _ body: @Sendable (NodeID, ClusterSystem) async throws -> Result
  ) async throws -> Result {
    let file = try read()
    let system = try ClusterSystem(
      .init(file, name: UniqueName.of("client"), role: ActorNames.client, bind: nil, Build.fingerprint), log: Logs.quiet
    )
    do {
      let node = try await system.connect(to: endpoint, timeout: .seconds(3))
      let result = try await RemoteCall.with(timeout: .seconds(5)) { try await body(node, system) }
      await system.shutdown()
      return result
    } catch let error as RemoteCallError where error.reason == .unreachable {
      await system.shutdown()
      if let reason = await Address(endpoint)?.whyUnknown {
        throw Failure("no coordinator can be at \(endpoint): the host's name is not known (\(reason))")
      }
      throw Failure("no coordinator answers at \(endpoint): is a run under way? (grove run starts one)")
    } catch {
      await system.shutdown()
      throw error
    }
  }
}

/// This program.
enum Build {
  /// The first 12 digits of the SHA-256 of the executable and its library: what tells two builds apart.
  static let fingerprint: String = {
    let program = URL(fileURLWithPath: "/proc/self/exe")
    guard let data = try? Data(contentsOf: program, options: .alwaysMapped) else { return Coordinator.version }
    var hash = SHA256()
    data.withUnsafeBytes { hash.update($0) }
    let library = program.resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "libGroveTorch.so")
    try? Data(contentsOf: library, options: .alwaysMapped).withUnsafeBytes { hash.update($0) }
    return String(hash.digest.hexadecimal.prefix(12))
  }()
}
