import ZeroMQ

/// What arrives at this node, on the event loop's thread, and whose concern it is.
extension ClusterSystem: EventLoopDelegate {
  func happened(_ event: SocketEvent) {
    let now = ContinuousClock.now
    switch event {
    case .received(let message, let link, let descriptor): received(message, over: link, descriptor, at: now)
    case .established(let index): peers.follow { $0.established(index) }
    case .refused(let index): peers.follow { $0.turnedAway(index, at: now) }
    case .unusable(let index, let error): peers.follow { $0.unusable(index, because: error) }
    case .lost(let index): peers.follow { $0.lost(index, at: now) }
    case .closed(let descriptor): peers.follow { $0.closed(descriptor: descriptor, at: now) }
    case .turnedAway(let address, let key):
      meters?.turnedAway()
      guard let count = turnedAway.withLock({ $0.happened(at: now) }) else { return }
      log.warning("turned away \(address): its key \(key?.description ?? "–") is not authorised (\(count) so far)")
    case .shownOut(let count):
      log.warning("too many connections that do not say who they are: the oldest are closed (\(count) so far)")
    }
  }

  private func received(_ message: [Frame], over link: Link, _ descriptor: Int32, at now: ContinuousClock.Instant) {
    do {
      switch try Envelope(message) {
      case .plain(.hello(let hello)):
        let key = message.first?.sender
        peers.follow { $0.helloReceived(hello, over: link, descriptor: descriptor, key: key, at: now) }
      case .plain(.welcome(let hello)): peers.follow { $0.welcomeReceived(hello, over: link, at: now) }
      case .plain(.refusal(let sentence)): peers.follow { $0.refusalReceived(sentence, over: link, at: now) }
      case .plain(.identify): peers.follow { $0.identifyReceived(over: link) }
      case .plain(.heartbeat): _ = peers.heard(over: link, at: now)
      case .plain(.goodbye): peers.follow { $0.goodbyeReceived(over: link, at: now) }
      case .plain(.cancel(let call)):
        if let caller = peers.heard(over: link, at: now) { served.cancelled(call, of: caller) }
      case .request(let request):
        if let caller = peers.heard(over: link, at: now) {
          served.requested(request, of: caller, over: link, at: now)
        } else {
          let error = RemoteCallError(.unreachable, "\(configuration.name) does not know the caller (any more)")
          loop.submit(.send(Envelope.failure(error, call: request.call), link))
        }
      case .reply(let reply):
        if let callee = peers.heard(over: link, at: now) { outgoing.answered(reply, by: callee.node) }
      }
    } catch {
      if error.reason == .refused {
        loop.submit(.send(Envelope.plain(.refusal("\(configuration.name) refuses \(error)")), link))
      }
      meters?.malformed()
      guard let count = malformed.withLock({ $0.happened(at: now) }) else { return }
      log.warning("dropped a message: \(error) (\(count) so far)")
    }
  }

  func heartbeatDue(at now: ContinuousClock.Instant) { peers.follow { $0.heartbeatDue(at: now) } }

  var nextDeadline: ContinuousClock.Instant? { [outgoing.nextDeadline, peers.nextDeadline].compactMap(\.self).min() }

  func deadlinesDue(at now: ContinuousClock.Instant) {
    outgoing.deadlinesDue(at: now)
    peers.follow { $0.deadlinesDue(at: now) }
  }
}
