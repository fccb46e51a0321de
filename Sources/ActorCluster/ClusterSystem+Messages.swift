import Addresses
import Foundation
import ZeroMQ

/// What arrives at this node, on the event loop's thread.
extension ClusterSystem: EventLoopDelegate {
  var isWaiting: Bool {
    state.withLock { !$0.pending.isEmpty || !$0.opening.isEmpty }
  }

  func happened(_ event: SocketEvent) {
    switch event {
    case .received(let message, let link, let descriptor): received(message, over: link, descriptor: descriptor)
    case .established(let index): sayHello(over: index)
    case .refused(let index): turnedAway(at: index)
    case .unusable(let index, let error): unusable(index, because: error)
    case .turnedAway(let address, let key): reportTurnedAway(address, key)
    case .lost(let index): lost { $0.connections[index]?.peer }
    case .closed(let descriptor): closed(descriptor)
    case .shownOut(let count): reportShownOut(count)
    }
  }

  private func sayHello(over index: Int) {
    loop.submit(.send(Envelope.plain(.hello(hello)), .outgoing(index)))
  }

  private func unusable(_ index: Int, because error: ZeroMQError) {
    guard let connection = state.withLock({ $0.forget(connection: index) }) else { return }
    let sentence = "\(configuration.name) can't connect: \(error)"
    for waiting in connection.waiting.values {
      // What this process lacks now it may have later; an address stays as it is.
      waiting.resume(throwing: RemoteCallError(error.isShortage ? .unreachable : .refused, sentence))
    }
  }

  private func closed(_ descriptor: Int32) {
    guard let node = state.withLock({ $0.descriptors.removeValue(forKey: descriptor) }) else {
      meters?.strangerLeft()
      return
    }
    lost { _ in node }
  }

  private func lost(_ peer: (inout State) -> NodeID?) {
    announce { state in peer(&state).map { state.membership.connectionLost($0) } ?? [] }
  }

  func lost(_ node: NodeID, because reason: String) {
    announce { $0.membership.connectionLost(node, reason: reason) }
  }

  func heartbeatDue(at now: ContinuousClock.Instant) {
    expelRevoked()
    announce { $0.membership.ticked(at: now) }
    for link in state.withLock({ Array($0.links.values) }) { loop.submit(.send(Envelope.plain(.heartbeat), link)) }
  }

  func deadlinesDue(at now: ContinuousClock.Instant) {
    let (late, silent) = state.withLock { state in
      let late = state.pending.filter { $0.value.deadline <= now }
      for number in late.keys { state.pending[number] = nil }
      // One that leads nowhere is given up, also if nobody waits for it any more: it would be tried for ever.
      let silent = state.connections.filter { state.opening.contains($0.key) && $0.value.deadline <= now }
      for index in silent.keys { state.forget(connection: index) }
      return (late, silent)
    }
    for pending in late.values {
      pending.continuation.resume(
        throwing: RemoteCallError(.timeout, "\(pending.node.name) did not answer before the call's deadline"))
    }
    for (index, connection) in silent {
      loop.submit(.disconnect(index))
      for waiting in connection.waiting.values {
        waiting.resume(throwing: RemoteCallError(.unreachable, "nothing answered at \(connection.endpoint)"))
      }
    }
  }

  private func received(_ message: [Frame], over link: Link, descriptor: Int32) {
    do {
      switch try Envelope(message) {
      case .plain(let plain): received(plain, over: link, descriptor: descriptor, key: message.first?.sender)
      case .request(let request):
        if let peer = peer(of: link) {
          serve(request, of: peer, over: link)
        } else {
          let error = RemoteCallError(.unreachable, "\(configuration.name) does not know the caller (any more)")
          loop.submit(.send(Envelope.failure(error, call: request.call), link))
        }
      case .reply(let reply):
        _ = peer(of: link)
        state.withLock { $0.pending.removeValue(forKey: reply.call) }?.continuation.resume(returning: reply)
      }
    } catch {
      if error.reason == .refused {
        loop.submit(.send(Envelope.plain(.refusal("\(configuration.name) refuses \(error)")), link))
      }
      reportMalformed(error)
    }
  }

  private func received(_ message: Envelope.Plain, over link: Link, descriptor: Int32, key: CurveKey?) {
    switch message {
    case .hello(let hello): welcome(hello, over: link, descriptor: descriptor, key: key)
    case .welcome(let hello): joined(hello, over: link)
    case .refusal(let sentence): refused(sentence, over: link)
    case .identify:
      // Who has said goodbye does not come back for a reply that was still on its way.
      if !state.withLock(\.isStopped) { loop.submit(.send(Envelope.plain(.hello(hello)), link)) }
    case .heartbeat: _ = peer(of: link)
    case .goodbye: if let peer = peer(of: link) { announce { $0.membership.saidGoodbye(peer) } }
    case .cancel(let call):
      if let peer = peer(of: link) {
        (state.withLock { $0.serving[Served(caller: peer, call: call)] } ?? nil)?.cancel()
      }
    }
  }

  /// Who is at the other end, now heard of; nil, and asked to say hello, if that is not known.
  private func peer(of link: Link) -> NodeID? {
    var peer: NodeID?
    announce { state in
      peer =
        switch link {
        case .incoming(let identity): state.identities[identity.text]
        case .outgoing(let index): state.connections[index]?.peer.flatMap { state.links[$0] == nil ? nil : $0 }
        }
      return peer.map { state.membership.heard(from: $0, at: .now) } ?? []
    }
    if peer == nil {
      switch link {
      case .incoming: loop.submit(.send(Envelope.plain(.identify), link))
      case .outgoing(let index): sayHello(over: index)
      }
    }
    return peer
  }

  private func welcome(_ hello: Hello, over link: Link, descriptor: Int32, key: CurveKey?) {
    guard case .incoming(let identity) = link, identity.text == hello.node.description else { return }
    let sentence =
      objection(to: hello, key) ?? objection(toBuildOf: hello)
      ?? state.withLock { $0.banished[hello.node] ?? $0.membership.objection(to: hello) }
      .map { "\(configuration.name) refuses \(hello.node.name): \($0)" }
    if let sentence {
      log.warning("\(sentence)")
      loop.submit(.send(Envelope.plain(.refusal(sentence)), link))
      return
    }
    loop.submit(.admit(descriptor: descriptor))
    // The welcome goes first: whoever hears that the node is up may call it at once.
    loop.submit(.send(Envelope.plain(.welcome(self.hello)), link))
    announce { state in
      state.links[hello.node] = link
      state.keys[hello.node] = key
      state.identities[identity.text] = hello.node
      if descriptor >= 0 { state.descriptors[descriptor] = hello.node }
      // A connection to it from here leads somewhere again, too.
      state.opening = state.opening.filter { state.connections[$0]?.peer != hello.node }
      return state.membership.greeted(hello, at: .now)
    }
  }

  private func objection(toBuildOf hello: Hello) -> String? {
    guard hello.fingerprint != configuration.fingerprint else { return nil }
    return "\(configuration.name) is of the build \(configuration.fingerprint) and refuses \(hello.node.name), "
      + "which is of the build \(hello.fingerprint): start both from the same build"
  }

  private func joined(_ hello: Hello, over link: Link) {
    guard case .outgoing(let index) = link else { return }
    let key = state.withLock { $0.connections[index]?.key }
    if let sentence = objection(to: hello, key) { return refused(sentence, over: link) }
    var waiting: [UInt64: CheckedContinuation<NodeID, any Error>] = [:]
    announce { state in
      let predecessor = state.connections[index]?.peer
      waiting = state.connections[index]?.waiting ?? [:]
      state.connections[index]?.waiting = [:]
      state.connections[index]?.peer = hello.node
      state.opening.remove(index)
      let gone =
        predecessor.flatMap { $0 == hello.node ? nil : $0 }
        .map { state.membership.connectionLost($0, reason: "it was started anew") } ?? []
      state.links[hello.node] = link
      state.keys[hello.node] = key
      return gone + state.membership.greeted(hello, at: .now)
    }
    for waiting in waiting.values { waiting.resume(returning: hello.node) }
  }

  private func refused(_ sentence: String, over link: Link) {
    guard case .outgoing(let index) = link else { return }
    log.warning("\(sentence)")
    let connection = state.withLock { $0.forget(connection: index) }
    loop.submit(.disconnect(index))
    if let peer = connection?.peer { announce { $0.membership.connectionLost(peer, reason: "it refuses this node") } }
    for waiting in (connection?.waiting ?? [:]).values { waiting.resume(throwing: RemoteCallError(.refused, sentence)) }
  }

  private func serve(_ request: Request, of caller: NodeID, over link: Link) {
    let key = Served(caller: caller, call: request.call)
    let handler = ReplyHandler(call: request.call) { [loop] frames in loop.submit(.send(frames, link)) }
    let admitted: Result<Exported, RemoteCallError> = state.withLock { state in
      guard let exported = state.exported[request.actor] else {
        return .failure(
          RemoteCallError(.refused, "\(configuration.name) has no actor named “\(request.actor.prefix(80))”"))
      }
      if let objection = objection(to: caller, calling: exported, request.actor, state.keys[caller]) {
        return .failure(objection)
      }
      guard exported.targets.contains(request.target) else {
        return .failure(
          RemoteCallError(
            .refused, "\(request.actor) of \(configuration.name) has no such method “\(request.target.prefix(200))”"))
      }
      guard state.serving.count < configuration.mostCalls else {
        return .failure(
          RemoteCallError(.overloaded, "\(configuration.name) already serves \(configuration.mostCalls) calls"))
      }
      let allowance = CallAllowance(
        atATime: configuration.mostCalls / 4, perSecond: configuration.mostCallsPerSecond)
      if let excess = state.allowances[caller, default: allowance].take(at: .now) {
        return .failure(
          RemoteCallError(.overloaded, "\(caller.name) makes more than \(excess) to \(configuration.name)"))
      }
      state.serving[key] = .some(nil)
      return .success(exported)
    }
    switch admitted {
    case .failure(let error):
      meters?.refused()
      handler.fail(error)
    case .success(let exported):
      // Not under the lock: starting a task wakes a thread, and that thread would then wait for the lock.
      let task = Task { [self] in
        await exported.serve(request, handler)
        state.withLock { state in
          state.serving[key] = nil
          state.allowances[caller]?.give()
        }
      }
      let isStopped = state.withLock { state in
        if state.serving[key] != nil { state.serving[key] = task }
        return state.isStopped
      }
      if isStopped { task.cancel() }
    }
  }

  /// Changes the membership, and tells everyone what follows from it.
  private func announce(_ change: (inout State) -> [MemberEvent]) {
    let (events, observers) = state.withLock { state in
      let events = change(&state)
      for event in events {
        switch event {
        case .down(let member, _), .left(let member):
          state.links[member.node] = nil
          state.keys[member.node] = nil
          state.allowances[member.node] = nil
          state.identities[member.node.description] = nil
          for (index, connection) in state.connections where connection.peer == member.node {
            state.opening.insert(index)
            state.connections[index]?.deadline = max(connection.deadline, .now + configuration.failureTimeout)
          }
        case .up, .suspect: break
        }
      }
      return (events, events.isEmpty ? [] : Array(state.observers.values))
    }
    for event in events {
      for observer in observers { observer.yield(event) }
      switch event {
      case .down(let member, let reason):
        failCalls(to: member.node) { RemoteCallError(.unreachable, "\($0.name) is down: \(reason)") }
      case .left(let member):
        failCalls(to: member.node) { RemoteCallError(.unreachable, "\($0.name) left the cluster") }
      case .up, .suspect: break
      }
    }
  }

  // MARK: Keys

  /// Why a node may not be what it says it is; nil: it may.
  private func objection(to hello: Hello, _ key: CurveKey?) -> String? {
    guard let keyring = configuration.keyring else { return nil }
    guard let admitted = key.flatMap(keyring.admits) else {
      return "\(configuration.name) refuses \(hello.node.name): its key is not authorised, or was revoked"
    }
    guard admitted.roles.contains(hello.role) else {
      return "\(configuration.name) refuses \(hello.node.name) as a \(hello.role): the key of \(admitted.name) is for "
        + admitted.roles.sorted().joined(separator: ", ")
    }
    return nil
  }

  /// Why a member may not call an actor; nil: it may. Who was revoked is as good as gone, and its work is for others.
  private func objection(
    to caller: NodeID, calling exported: Exported, _ name: String, _ key: CurveKey?
  ) -> RemoteCallError? {
    guard let keyring = configuration.keyring, let roles = exported.roles else { return nil }
    guard let admitted = key.flatMap(keyring.admits) else {
      return RemoteCallError(.unreachable, "the key of \(caller.name) was revoked")
    }
    guard admitted.roles.isDisjoint(with: roles) else { return nil }
    return RemoteCallError(
      .refused,
      "\(admitted.name) may not call \(name) of \(configuration.name): that is for the roles "
        + roles.sorted().joined(separator: ", "))
  }

  /// Members whose key was revoked are members no longer.
  private func expelRevoked() {
    guard let keyring = configuration.keyring else { return }
    let revoked = state.withLock { state in state.keys.filter { keyring.admits($0.value) == nil }.map(\.key) }
    for node in revoked {
      log.warning("the key of \(node.name) was revoked")
      announce { $0.membership.connectionLost(node, reason: "its key was revoked") }
    }
  }

  /// The peer of a connection that this node made does not agree with its keys.
  private func turnedAway(at index: Int) {
    let endpoint = state.withLock { $0.connections[index]?.endpoint } ?? ""
    refused(
      "the node at \(Address(endpoint)?.with(key: nil).description ?? endpoint) does not admit this one: its key is not authorised there, "
        + "or one of the two has no keys", over: .outgoing(index))
  }

  private func reportTurnedAway(_ address: String, _ key: CurveKey?) {
    meters?.turnedAway()
    let count: Int? = turnedAway.withLock { turnedAway in
      turnedAway.count += 1
      guard turnedAway.reported.duration(to: .now) >= .seconds(10) else { return nil }
      turnedAway.reported = .now
      return turnedAway.count
    }
    guard let count else { return }
    log.warning("turned away \(address): its key \(key?.description ?? "–") is not authorised (\(count) so far)")
  }

  private func reportShownOut(_ count: Int) {
    log.warning("too many connections that do not say who they are: the oldest are closed (\(count) so far)")
  }

  /// Counts what could not be read, and says so once in ten seconds at most.
  private func reportMalformed(_ error: RemoteCallError) {
    meters?.malformed()
    let count: Int? = malformed.withLock { malformed in
      malformed.count += 1
      guard malformed.reported.duration(to: .now) >= .seconds(10) else { return nil }
      malformed.reported = .now
      return malformed.count
    }
    if let count { log.warning("dropped a message: \(error) (\(count) so far)") }
  }
}

extension Frame {
  fileprivate var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
