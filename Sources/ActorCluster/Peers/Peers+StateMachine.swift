import Addresses
import ZeroMQ

extension Peers {
  /// Which nodes this one works with, over which links and by which keys, and what it says to them.
  ///
  /// What happens comes in, with the time at which it does; what is to be done goes out as actions, in that order.
  struct StateMachine<Waiter: Sendable>: Sendable {
    enum Action: Sendable {
      case send(Envelope.Plain, Link)
      /// To an address, whose node has that key if this one has keys, as the connection of that index.
      case connect(String, CurveKey?, Int)
      case disconnect(Int)
      /// Who came in over a descriptor is known.
      case admit(descriptor: Int32)
      /// Who came in over it is no member any more, though the connection may live.
      case dismiss(descriptor: Int32)
      /// Somebody left without having said who they are.
      case countStranger
      case announce(MemberEvent)
      case resume(Waiter, Result<NodeID, RemoteCallError>)
      case warn(String)
    }

    var handshake: Handshake
    private(set) var membership: Membership
    /// The way to each member.
    private(set) var links: [NodeID: Link] = [:]
    /// Members that came in, by their routing identities.
    private var identities: [String: NodeID] = [:]
    /// By which members were admitted, if there are keys.
    private var keys: [NodeID: CurveKey] = [:]
    /// Over which members came in.
    private var descriptors: [Int32: NodeID] = [:]
    private(set) var connections = Connections<Waiter>()
    /// Those that are not welcome any more, and why.
    private var unwelcome: [NodeID: String] = [:]
    private var isStopped = false

    /// - Parameter room: members that there may be at a time.
    init(_ handshake: Handshake, failureTimeout: Duration, room: Int = .max) {
      self.handshake = handshake
      membership = Membership(failureTimeout: failureTimeout, room: room)
    }

    /// The way to a member for a call; nil: there is none.
    func link(to node: NodeID) -> Link? { isStopped ? nil : links[node] }

    /// Who says something over a link, if it is a member.
    private func node(over link: Link) -> NodeID? {
      switch link {
      case .incoming(let identity): identities[identity.text]
      case .outgoing(let index): connections[index]?.peer.flatMap { links[$0] == nil ? nil : $0 }
      }
    }

    /// What follows from changes among the members.
    private mutating func followed(_ events: [MemberEvent], at now: ContinuousClock.Instant) -> [Action] {
      var dismissed: [Action] = []
      for event in events {
        switch event {
        case .down(let member, _), .left(let member):
          let over = descriptors.filter { $0.value == member.node }.keys
          for descriptor in over { descriptors[descriptor] = nil }
          dismissed += over.map { .dismiss(descriptor: $0) }
          links[member.node] = nil
          keys[member.node] = nil
          identities[member.node.description] = nil
          connections.lost(member.node, until: now + membership.failureTimeout)
        case .up, .suspect: break
        }
      }
      return dismissed + events.map(Action.announce)
    }
  }
}

/// What is said over links.
extension Peers.StateMachine {
  /// Anything at all arrived. - Returns: from whom; nil if that is not known: they are asked to say hello.
  mutating func heard(over link: Link, at now: ContinuousClock.Instant) -> (caller: Caller?, actions: [Action]) {
    guard let node = node(over: link) else { return (nil, introduced(over: link)) }
    return (Caller(node: node, key: keys[node]), followed(membership.heard(from: node, at: now), at: now))
  }

  private func introduced(over link: Link) -> [Action] {
    switch link {
    case .incoming: [.send(.identify, link)]
    case .outgoing(let index): established(index)
    }
  }

  mutating func helloReceived(
    _ hello: Hello, over link: Link, descriptor: Int32, key: CurveKey?, at now: ContinuousClock.Instant
  ) -> [Action] {
    guard case .incoming(let identity) = link, identity.text == hello.node.description else { return [] }
    if let sentence = objection(to: hello, key) { return [.warn(sentence), .send(.refusal(sentence), link)] }
    links[hello.node] = link
    keys[hello.node] = key
    identities[identity.text] = hello.node
    if descriptor >= 0 { descriptors[descriptor] = hello.node }
    connections.joined(hello.node)
    // The welcome goes first: whoever hears that the node is up may call it at once.
    return [.admit(descriptor: descriptor), .send(.welcome(handshake.hello), link)]
      + followed(membership.greeted(hello, at: now), at: now)
  }

  private func objection(to hello: Hello, _ key: CurveKey?) -> String? {
    handshake.objection(toKeyOf: hello, key) ?? handshake.objection(toBuildOf: hello)
      ?? (unwelcome[hello.node] ?? membership.objection(to: hello))
      .map { "\(handshake.hello.node.name) refuses \(hello.node.name): \($0)" }
  }

  mutating func welcomeReceived(_ hello: Hello, over link: Link, at now: ContinuousClock.Instant) -> [Action] {
    guard case .outgoing(let index) = link, let connection = connections[index] else { return [] }
    if let sentence = handshake.objection(toKeyOf: hello, connection.key) {
      return refusalReceived(sentence, over: link, at: now)
    }
    let waiting = connections.answered(index, by: hello.node)
    var events: [MemberEvent] = []
    if let predecessor = connection.peer, predecessor != hello.node {
      events = membership.connectionLost(predecessor, reason: "it was started anew")
    }
    links[hello.node] = link
    keys[hello.node] = connection.key
    events += membership.greeted(hello, at: now)
    return followed(events, at: now) + waiting.map { .resume($0, .success(hello.node)) }
  }

  mutating func refusalReceived(_ sentence: String, over link: Link, at now: ContinuousClock.Instant) -> [Action] {
    guard case .outgoing(let index) = link, let connection = connections.forgotten(index) else { return [] }
    let events = connection.peer.map { membership.connectionLost($0, reason: "it refuses this node") } ?? []
    return [.warn(sentence), .disconnect(index)] + followed(events, at: now)
      + connection.waiting.map { .resume($0.waiter, .failure(RemoteCallError(.refused, sentence))) }
  }

  func identifyReceived(over link: Link) -> [Action] {
    // Who has said goodbye does not come back for a reply that was still on its way.
    isStopped ? [] : [.send(.hello(handshake.hello), link)]
  }

  mutating func goodbyeReceived(over link: Link, at now: ContinuousClock.Instant) -> [Action] {
    let (caller, actions) = heard(over: link, at: now)
    return actions + followed(caller.map { membership.saidGoodbye($0.node) } ?? [], at: now)
  }
}

/// What becomes of connections.
extension Peers.StateMachine {
  /// Somebody wants to be connected to the node at an address, and waits for it under a number of their own.
  mutating func connectionWanted(
    to endpoint: String, by waiter: Waiter, _ number: UInt64, until deadline: ContinuousClock.Instant
  ) -> [Action] {
    func refuse(_ reason: RemoteCallError.Reason, _ sentence: String) -> [Action] {
      [.resume(waiter, .failure(RemoteCallError(reason, sentence)))]
    }
    guard let address = Address(endpoint) else {
      return refuse(.refused, "“\(endpoint.prefix(200))” is no address of a node")
    }
    let key = handshake.keyring.flatMap { address.curveKey ?? $0.server }
    if isStopped { return refuse(.unreachable, "this process is leaving the cluster") }
    if handshake.keyring != nil, key == nil {
      return refuse(.refused, "nobody knows the key of the node at \(endpoint)")
    }
    let known = connections.index(of: endpoint)
    if let peer = known.flatMap({ connections[$0]?.peer }), links[peer] != nil {
      return [.resume(waiter, .success(peer))]
    }
    let index = known ?? connections.begun(to: endpoint, key, until: deadline)
    connections.awaited(index, by: waiter, number, until: deadline)
    return known == nil ? [.connect(address.with(key: nil).description, key, index)] : []
  }

  /// Who waited under a number does so no longer.
  mutating func connectionUnwanted(by number: UInt64) -> [Action] { unwanted { $0 == number } }

  private mutating func unwanted(by isMeant: (UInt64) -> Bool) -> [Action] {
    let error = RemoteCallError(.cancelled, "nobody waits for the connection")
    return connections.unawaited(by: isMeant).map { .resume($0, .failure(error)) }
  }

  /// One that this node made is there: whoever is at the other end is told who this node is.
  func established(_ index: Int) -> [Action] {
    connections[index] == nil ? [] : [.send(.hello(handshake.hello), .outgoing(index))]
  }

  /// The peer of a connection that this node made does not agree with its keys.
  mutating func turnedAway(_ index: Int, at now: ContinuousClock.Instant) -> [Action] {
    let endpoint = connections[index]?.endpoint ?? ""
    let shown = Address(endpoint)?.with(key: nil).description ?? endpoint
    return refusalReceived(
      "the node at \(shown) does not admit this one: its key is not authorised there, or one of the two has no keys",
      over: .outgoing(index), at: now)
  }

  /// It can't even be tried.
  mutating func unusable(_ index: Int, because error: ZeroMQError) -> [Action] {
    let sentence = "\(handshake.hello.node.name) can't connect: \(error)"
    // What this process lacks now it may have later; an address stays as it is.
    let failure = RemoteCallError(error.isShortage ? .unreachable : .refused, sentence)
    return (connections.forgotten(index)?.waiting ?? []).map { .resume($0.waiter, .failure(failure)) }
  }

  /// One that this node made broke.
  mutating func lost(_ index: Int, at now: ContinuousClock.Instant) -> [Action] {
    followed(connections[index]?.peer.map { membership.connectionLost($0) } ?? [], at: now)
  }

  /// One that another made broke.
  mutating func closed(descriptor: Int32, at now: ContinuousClock.Instant) -> [Action] {
    guard let node = descriptors.removeValue(forKey: descriptor) else { return [.countStranger] }
    return followed(membership.connectionLost(node), at: now)
  }
}

/// What time brings, and what this node decides.
extension Peers.StateMachine {
  /// It is time for a sign of life, and to see who gave none and whose key was revoked.
  mutating func heartbeatDue(at now: ContinuousClock.Instant) -> [Action] {
    var actions: [Action] = []
    if let keyring = handshake.keyring {
      for node in keys.filter({ keyring.admits($0.value) == nil }).map(\.key) {
        actions.append(.warn("the key of \(node.name) was revoked"))
        actions += followed(membership.connectionLost(node, reason: "its key was revoked"), at: now)
      }
    }
    actions += followed(membership.ticked(at: now), at: now)
    return actions + links.values.map { .send(.heartbeat, $0) }
  }

  /// When ``deadlinesDue(at:)`` is to be called; nil: not before something else happens.
  var nextDeadline: ContinuousClock.Instant? { connections.nextDeadline }

  /// Connections that still lead nowhere are given up.
  mutating func deadlinesDue(at now: ContinuousClock.Instant) -> [Action] {
    connections.givenUp(at: now).flatMap { index, connection -> [Action] in
      let error = RemoteCallError(.unreachable, "nothing answered at \(connection.endpoint)")
      return [.disconnect(index)] + connection.waiting.map { .resume($0.waiter, .failure(error)) }
    }
  }

  /// This node is done with another for good, and tells it why when it comes again.
  mutating func banished(_ node: NodeID, because reason: String, at now: ContinuousClock.Instant) -> [Action] {
    unwelcome[node] = reason
    return followed(membership.connectionLost(node, reason: reason), at: now)
  }

  /// This node leaves.
  mutating func stopped() -> [Action] {
    isStopped = true
    return links.values.map { .send(.goodbye, $0) } + unwanted { _ in true }
  }
}

extension Frame {
  /// A routing identity as it is written.
  fileprivate var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
