import Logging
import Testing

@testable import ActorCluster

/// Two nodes of which one may not be able to connect to the other.
@Suite(.timeLimit(.minutes(2)))
struct ReachTests {
  private func node(_ name: String, heartbeat: Duration = .milliseconds(50)) throws -> ClusterSystem {
    var configuration = ClusterSystem.Configuration(name: name, role: "test", bind: "tcp://127.0.0.1:*")
    configuration.heartbeat = heartbeat
    configuration.failureTimeout = heartbeat * 40
    return try ClusterSystem(configuration)
  }

  @Test func whoCantBeConnectedToIsReachedWhenItConnectsItself() async throws {
    let (one, other) = (try node("one"), try node("other"))
    // Nothing listens where the other is said to be.
    async let reached: Void = one.reach(other.node, at: "tcp://127.0.0.1:1", within: .seconds(60))
    try await other.reach(one.node, at: one.endpoint, within: .seconds(60))
    try await reached
    await one.shutdown()
    await other.shutdown()
  }

  @Test func anAddressThatLeadsElsewhereIsSaid() async throws {
    let (one, other) = (try node("one"), try node("other"))
    let nobody = NodeID(name: "nobody")
    let error = await #expect(throws: RemoteCallError.self) {
      try await one.reach(nobody, at: other.endpoint, within: .milliseconds(300))
    }
    #expect(error?.reason == .unreachable && error?.explanation.contains("leads to other instead") == true)
    await one.shutdown()
    await other.shutdown()
  }

  /// A deadline is noticed when it is over, not with the next sign of life: there is none here for an hour.
  @Test func aDeadlineNeedsNoSignOfLife() async throws {
    let caller = try node("caller", heartbeat: .seconds(3600))
    // It has nothing to do, and sleeps.
    let idle = try node("idle")
    _ = try await idle.connect(to: caller.endpoint)
    let error = await #expect(throws: RemoteCallError.self) {
      try await caller.reach(NodeID(name: "nobody"), at: "tcp://127.0.0.1:1", within: .milliseconds(100))
    }
    #expect(error?.reason == .unreachable)
    await idle.shutdown()
    await caller.shutdown()
  }

  /// What leads nowhere is not tried for ever, though nobody waits for it any more.
  @Test func aConnectionThatLeadsNowhereIsGivenUp() async throws {
    let (one, other) = (try node("one"), try node("other"))
    let waiting = Task { try await one.connect(to: "tcp://127.0.0.1:1", timeout: .milliseconds(200)) }
    waiting.cancel()
    _ = await waiting.result
    let peer = try await one.connect(to: other.endpoint)
    await other.shutdown()
    while one.members.contains(where: { $0.node == peer }) { await Task.yield() }
    while !one.peers.hasNoConnections { await Task.yield() }
    await one.shutdown()
  }

  @Test func whoIsBanishedIsNotWelcomeAnyMore() async throws {
    let (one, other) = (try node("one"), try node("other"))
    let peer = try await other.connect(to: one.endpoint)
    one.banish(other.node, because: "it computes nothing")
    #expect(one.member(other.node) == nil)
    while other.members.contains(where: { $0.node == peer }) { await Task.yield() }
    let error = await #expect(throws: RemoteCallError.self) { _ = try await other.connect(to: one.endpoint) }
    #expect(error?.reason == .refused && error?.explanation.contains("it computes nothing") == true, "\(error as Any)")
    await one.shutdown()
    await other.shutdown()
  }
}
