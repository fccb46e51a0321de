import ActorCluster
import Addresses
import ArgumentParser
import ClusterFile
import Coordinator
import Foundation
import Hashing
import WorkUnits

/// Where the configuration comes from.
struct ConfigurationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The cluster's file. Without it: cluster.yaml if there is one here, else the defaults.", valueName: "file"))
  var config: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Sets one key over the file, as in --set task.size=16.", valueName: "key=value"))
  var overrides: [String] = []

  func read() throws -> ClusterFile {
    let here = FileManager.default.fileExists(atPath: "cluster.yaml") ? "cluster.yaml" : nil
    return try ClusterFile.read(path: config ?? here, overrides: overrides)
  }
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
      throw Failure("\(given?.description ?? cluster.bind) says no port: name the coordinator's with --coordinator")
    }
    return address.fromHere
  }
}

/// How a command reaches a running coordinator.
struct CoordinatorOptions: ParsableArguments {
  @OptionGroup var configuration: ConfigurationOptions

  @Option(
    help: ArgumentHelp("Where it listens; by default cluster.bind of the configuration.", valueName: "tcp://host:port"))
  var coordinator: Address?

  /// Runs `body` while connected to the coordinator, to look at it.
  func withCoordinator<Result: Sendable>(
    _ body: @Sendable (CoordinatorReference) async throws -> Result
  ) async throws -> Result {
    try await connected { node, system in
      try await body(CoordinatorReference.resolve(id: .init(node: node, name: Agreement.coordinator), using: system))
    }
  }

  /// Runs `body` while connected to the coordinator, to change its run.
  func withAdmin<Result: Sendable>(
    _ body: @Sendable (AdminReference) async throws -> Result
  ) async throws -> Result {
    try await connected { node, system in
      try await body(AdminReference.resolve(id: .init(node: node, name: Agreement.admin), using: system))
    }
  }

  private func connected<Result: Sendable>(
    _ body: @Sendable (NodeID, ClusterSystem) async throws -> Result
  ) async throws -> Result {
    let file = try configuration.read()
    let endpoint = try file.coordinator(coordinator).description
    let system = try ClusterSystem(
      .init(file, name: UniqueName.of("client"), role: Agreement.client, bind: nil, Build.fingerprint), log: Logs.quiet)
    do {
      let node = try await system.connect(to: endpoint, timeout: .seconds(3))
      let result = try await RemoteCall.with(timeout: .seconds(5)) { try await body(node, system) }
      await system.shutdown()
      return result
    } catch let error as RemoteCallError where error.reason == .unreachable {
      await system.shutdown()
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
