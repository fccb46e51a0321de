import ZeroMQ

/// Who calls: a member, and the key by which it was admitted, if there are keys.
struct Caller: Hashable, Sendable {
  let node: NodeID
  let key: CurveKey?
}

extension ServedCalls {
  /// Names a call that is served: who made it, and its number there.
  struct Call: Hashable, Sendable {
    let caller: NodeID
    let number: UInt64
  }

  /// Which actors others may call here, and which of their calls are served: each as a job, which is to be made for it.
  struct StateMachine<Callee: Sendable, Job: Sendable>: Sendable {
    private struct Exported: Sendable {
      let callee: Callee
      let targets: TargetTable
      /// Of those who may call it; nil: every member.
      let roles: Set<String>?
    }

    private enum Stage: Sendable {
      case admitted
      /// Before there was a job.
      case cancelled
      case running(Job)
    }

    /// Of this node.
    let name: String
    var keyring: Keyring?
    /// Calls served at a time; of those, each caller may have a quarter.
    let most: Int
    /// Calls that one caller may make in a second.
    let mostPerSecond: Int
    private var exported: [String: Exported] = [:]
    private var serving: [Call: Stage] = [:]
    /// Of those that have made a call.
    private var allowances: [NodeID: CallAllowance] = [:]

    init(of name: String, _ keyring: Keyring?, atMost most: Int, perSecond mostPerSecond: Int) {
      self.name = name
      self.keyring = keyring
      self.most = most
      self.mostPerSecond = mostPerSecond
    }

    func callee(named name: String) -> Callee? { exported[name]?.callee }

    mutating func exported(_ callee: Callee, as name: String, answering targets: TargetTable, to roles: Set<String>?) {
      exported[name] = Exported(callee: callee, targets: targets, roles: roles)
    }

    /// Somebody calls. - Returns: the callee that a job is to be made for, ``started(_:as:)`` and in the end ``ended(_:)``.
    mutating func requested(
      _ request: Request, of caller: Caller, at now: ContinuousClock.Instant
    ) -> Result<Callee, RemoteCallError> {
      admission(of: request, by: caller).flatMap { callee in
        let allowance = CallAllowance(atATime: most / 4, perSecond: mostPerSecond)
        if let excess = allowances[caller.node, default: allowance].take(at: now) {
          return .failure(RemoteCallError(.overloaded, "\(caller.node.name) makes more than \(excess) to \(name)"))
        }
        serving[Call(caller: caller.node, number: request.call)] = .admitted
        return .success(callee)
      }
    }

    private func admission(of request: Request, by caller: Caller) -> Result<Callee, RemoteCallError> {
      guard let exported = exported[request.actor] else {
        return .failure(RemoteCallError(.refused, "\(name) has no actor named “\(request.actor.prefix(80))”"))
      }
      if let objection = objection(to: caller, calling: request.actor, exported.roles) { return .failure(objection) }
      guard exported.targets.contains(request.target) else {
        return .failure(
          RemoteCallError(
            .refused, "\(request.actor) of \(name) has no such method “\(request.target.prefix(200))”"))
      }
      guard serving.count < most else {
        return .failure(RemoteCallError(.overloaded, "\(name) already serves \(most) calls"))
      }
      return .success(exported.callee)
    }

    /// Why a member may not call an actor; nil: it may. Who was revoked is as good as gone, and its work is for others.
    private func objection(to caller: Caller, calling actor: String, _ roles: Set<String>?) -> RemoteCallError? {
      guard let keyring, let roles else { return nil }
      guard let admitted = caller.key.flatMap(keyring.admits) else {
        return RemoteCallError(.unreachable, "the key of \(caller.node.name) was revoked")
      }
      guard admitted.roles.isDisjoint(with: roles) else { return nil }
      return RemoteCallError(
        .refused,
        "\(admitted.name) may not call \(actor) of \(name): that is for the roles "
          + roles.sorted().joined(separator: ", "))
    }

    /// - Returns: the job, if it is to be cancelled at once.
    mutating func started(_ job: Job, as call: Call) -> Job? {
      guard let stage = serving[call] else { return nil }
      serving[call] = .running(job)
      if case .cancelled = stage { return job }
      return nil
    }

    /// Its caller waits no longer. - Returns: the job to be cancelled.
    mutating func cancelled(_ call: Call) -> Job? {
      switch serving[call] {
      case .running(let job): return job
      case .admitted: serving[call] = .cancelled
      case .cancelled, nil: break
      }
      return nil
    }

    mutating func ended(_ call: Call) {
      serving[call] = nil
      allowances[call.caller]?.give()
    }

    /// A node is no member any more. Its calls are served to their end: what they do may be for others, too.
    mutating func lost(_ node: NodeID) { allowances[node] = nil }

    /// This node leaves: nothing can be called any more. - Returns: the jobs to be cancelled.
    mutating func stopped() -> [Job] {
      exported = [:]
      return serving.keys.compactMap { cancelled($0) }
    }
  }
}
