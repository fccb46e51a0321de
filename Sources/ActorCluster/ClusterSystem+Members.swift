import Addresses

/// The nodes that this one works with.
extension ClusterSystem {
  /// What this node has to compute with, as others are told.
  public var capabilities: Capabilities { hello.capabilities }

  /// Time between signs of life.
  public var heartbeat: Duration { configuration.heartbeat }

  /// A peer that is silent for so long is down.
  public var failureTimeout: Duration { configuration.failureTimeout }

  /// Where others reach this node, with its port; empty if nowhere.
  public var endpoint: String { hello.endpoint }

  /// The members that are up or suspect.
  public var members: [Member] { peers.members }

  /// A member that is up or suspect.
  public func member(_ node: NodeID) -> Member? { peers.member(node) }

  /// Is done with a member for good: calls to it fail, and it is not welcome any more.
  ///
  /// - Parameter reason: a sentence, as in “it computes nothing”, which it is told when it comes again.
  public func banish(_ node: NodeID, because reason: String) {
    peers.follow { $0.banished(node, because: reason, at: .now) }
  }

  /// What changes among the members from now on, after an `up` for each member that there is.
  public func events() -> AsyncStream<MemberEvent> { peers.events() }

  /// Connects to the node that listens at an address, and stays connected as long as that node is heard: once it is gone, for
  /// the failure time-out.
  ///
  /// - Returns: the node, which is then a member.
  /// - Throws: ``RemoteCallError``: `refused` with the peer's reason, or `unreachable` if nothing answers in time.
  public func connect(to endpoint: String, timeout: Duration = .seconds(5)) async throws -> NodeID {
    try await peers.connect(to: endpoint, timeout: timeout)
  }

  /// Waits until a node is a member, over a connection that this node makes or one that the other makes to this one: of two
  /// nodes with a wall between them that lets through one way only, one can connect.
  ///
  /// - Parameter endpoint: where it listens.
  /// - Throws: ``RemoteCallError``: `unreachable` with what was tried, or `refused` with the peer's reason.
  public func reach(_ peer: NodeID, at endpoint: String, within timeout: Duration) async throws {
    if member(peer) != nil { return }
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask { [events = events()] in
        for await event in events {
          if case .up(let member) = event, member.node == peer { return }
        }
        throw RemoteCallError(.cancelled, "nobody waits for \(peer.name) any more")
      }
      group.addTask {
        let started = ContinuousClock.now
        let found = try await self.connect(to: endpoint, timeout: timeout)
        guard found != peer else { return }
        // An address may lead elsewhere from here. The other may still come by itself.
        try await Task.sleep(until: started + timeout)
        throw RemoteCallError(
          .unreachable, "\(Address(endpoint)?.with(key: nil).description ?? endpoint) leads to \(found.name) instead")
      }
      try await group.next()
    }
  }
}
