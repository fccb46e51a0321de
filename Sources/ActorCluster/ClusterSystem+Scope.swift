import Logging

extension ClusterSystem {
  /// Runs `body` with a node that is there until it returns or throws.
  public nonisolated(nonsending) static func with<Result>(
    _ configuration: Configuration, log: Logger, _ body: (ClusterSystem) async throws -> Result
  ) async throws -> Result {
    let system = try ClusterSystem(configuration, log: log)
    do {
      let result = try await body(system)
      await system.shutdown()
      return result
    } catch {
      await system.shutdown()
      throw error
    }
  }
}
