import ActorCluster
import Addresses
import WorkUnits

extension PlaceOptions {
  /// Runs `body` while connected to a node.
  func connected<Result: Sendable>(
    to endpoint: String, _ body: @Sendable (NodeID, ClusterSystem) async throws -> Result
  ) async throws -> Result {
    let file = try read()
    let node = try ClusterSystem.Configuration(
      file, name: UniqueName.of("client"), role: ActorNames.client, bind: nil, Build.fingerprint)
    do {
      return try await ClusterSystem.with(node, log: Logs.quiet) { system in
        let node = try await system.connect(to: endpoint, timeout: .seconds(3))
        return try await RemoteCall.with(timeout: .seconds(5)) { try await body(node, system) }
      }
    } catch let error as RemoteCallError where error.reason == .unreachable {
      if let reason = await Address(endpoint)?.whyUnknown {
        throw Failure("no coordinator can be at \(endpoint): the host's name is not known (\(reason))")
      }
      throw Failure("no coordinator answers at \(endpoint): is a run under way? (grove run starts one)")
    }
  }
}
