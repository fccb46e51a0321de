import Distributed
import ZeroMQ

/// Calls that this node makes.
extension ClusterSystem {
  public func remoteCall<Act, Err, Res>(
    on actor: Act, target: RemoteCallTarget, invocation: inout InvocationEncoder, throwing: Err.Type,
    returning: Res.Type
  ) async throws -> Res where Act: DistributedActor, Act.ID == ActorID, Err: Error, Res: Codable {
    var reply = try await call(actor.id, target, invocation)
    return try WireDecoder.decode(Res.self, from: &reply.body, reply.frames[0], reply.frames.dropFirst())
  }

  public func remoteCallVoid<Act, Err>(
    on actor: Act, target: RemoteCallTarget, invocation: inout InvocationEncoder, throwing: Err.Type
  ) async throws where Act: DistributedActor, Act.ID == ActorID, Err: Error {
    _ = try await call(actor.id, target, invocation)
  }

  private func call(_ id: ActorID, _ target: RemoteCallTarget, _ invocation: InvocationEncoder) async throws -> Reply {
    guard let meters else { return try await unmeteredCall(id, target, invocation) }
    return try await meters.measure(target.identifier, named: RemoteCall.name) {
      try await unmeteredCall(id, target, invocation)
    }
  }

  private func unmeteredCall(
    _ id: ActorID, _ target: RemoteCallTarget, _ invocation: InvocationEncoder
  ) async throws -> Reply {
    let timeout = RemoteCall.deadline ?? configuration.callTimeout
    let number = state.withLock { state in
      defer { state.nextCall += 1 }
      return state.nextCall
    }
    let frames = Envelope.request(Request(call: number, actor: id.name, target: target.identifier), invocation)
    let reply = try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Reply, any Error>) in
        // The continuation is there before the peer is looked up, so that a peer that goes down in between ends it.
        let link: Result<Link, RemoteCallError> = state.withLock { state in
          guard state.pending.count < configuration.mostCalls else {
            return .failure(RemoteCallError(.overloaded, "\(configuration.mostCalls) calls are already under way"))
          }
          state.pending[number] = Pending(node: id.node, deadline: .now + timeout, continuation: continuation)
          guard let link = state.links[id.node], !state.isStopped else {
            state.pending[number] = nil
            return .failure(RemoteCallError(.unreachable, "\(id.node.name) is not connected"))
          }
          return .success(link)
        }
        switch link {
        case .success(let link):
          loop.submit(.send(frames, link))
          loop.notice(.now + timeout)
          if Task.isCancelled { cancel(number) }
        case .failure(let error): continuation.resume(throwing: error)
        }
      }
    } onCancel: {
      cancel(number)
    }
    if reply.failed { throw try error(in: reply) }
    return reply
  }

  private func cancel(_ number: UInt64) {
    guard
      let (pending, link) = state.withLock({ state in
        state.pending.removeValue(forKey: number).map { ($0, state.links[$0.node]) }
      })
    else { return }
    if let link { loop.submit(.send(Envelope.plain(.cancel(call: number)), link)) }
    pending.continuation.resume(throwing: RemoteCallError(.cancelled, "the call was cancelled"))
  }

  func failCalls(to node: NodeID? = nil, with error: (NodeID) -> RemoteCallError) {
    let failed = state.withLock { state in
      let numbers = state.pending.filter { node == nil || $0.value.node == node }.keys
      return numbers.compactMap { state.pending.removeValue(forKey: $0) }
    }
    for pending in failed { pending.continuation.resume(throwing: error(pending.node)) }
  }

  private func error(in reply: Reply) throws -> any Error {
    var body = reply.body
    let name = try body.string()
    let text = try body.string()
    if !body.isAtEnd, let type = types.error(named: name),
      let error = try? WireDecoder.decode(type, from: &body, reply.frames[0], reply.frames.dropFirst())
    {
      return error
    }
    return RemoteCallError(.failed, text.printable)
  }
}
