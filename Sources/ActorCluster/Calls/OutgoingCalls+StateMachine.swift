import HeapModule

extension OutgoingCalls {
  /// Which calls of this node's are under way, and how each of them ends: once.
  struct StateMachine<Waiter: Sendable>: Sendable {
    enum Action: Sendable {
      /// The callee is to be told that nobody waits any more, if there is a way.
      case cancel(UInt64, NodeID)
      case resume(Waiter, Result<CallResult, RemoteCallError>)
    }

    private struct Pending: Sendable {
      let node: NodeID
      let waiter: Waiter
    }

    struct Deadline: Comparable, Sendable {
      let instant: ContinuousClock.Instant
      let call: UInt64

      static func < (one: Deadline, other: Deadline) -> Bool { one.instant < other.instant }
    }

    /// Calls under way at most.
    let most: Int
    private var pending: [UInt64: Pending] = [:]
    /// Those of the calls under way, and of as many, or a few, that have ended: the first is of one under way.
    private(set) var deadlines = Heap<Deadline>()

    init(atMost most: Int) {
      self.most = most
    }

    /// When the first call is late; nil: none is under way.
    var nextDeadline: ContinuousClock.Instant? { deadlines.min?.instant }

    /// - Returns: nil if it is to be sent: ``unconnected(_:)``, if there is no way.
    mutating func begun(
      _ call: UInt64, to node: NodeID, by waiter: Waiter, until deadline: ContinuousClock.Instant
    ) -> Action? {
      guard pending.count < most else {
        return .resume(waiter, .failure(RemoteCallError(.overloaded, "\(most) calls are already under way")))
      }
      pending[call] = Pending(node: node, waiter: waiter)
      deadlines.insert(Deadline(instant: deadline, call: call))
      return nil
    }

    mutating func unconnected(_ call: UInt64) -> Action? {
      ended(call).map { .resume($0.waiter, .failure(.init(.unreachable, "\($0.node.name) is not connected"))) }
    }

    /// A reply came; whoever was not asked answers nothing.
    mutating func answered(_ reply: CallResult, by node: NodeID) -> Action? {
      guard pending[reply.call]?.node == node else { return nil }
      return ended(reply.call).map { .resume($0.waiter, .success(reply)) }
    }

    mutating func cancelled(_ call: UInt64) -> [Action] {
      guard let pending = ended(call) else { return [] }
      return [
        .cancel(call, pending.node),
        .resume(pending.waiter, .failure(RemoteCallError(.cancelled, "the call was cancelled"))),
      ]
    }

    /// A node is no member any more; nil: this node leaves.
    mutating func lost(_ node: NodeID?, because error: RemoteCallError) -> [Action] {
      let lost = pending.filter { node == nil || $0.value.node == node }.keys
      return lost.sorted().compactMap { ended($0) }.map { .resume($0.waiter, .failure(error)) }
    }

    /// Calls without a reply are over.
    mutating func deadlinesDue(at now: ContinuousClock.Instant) -> [Action] {
      var actions: [Action] = []
      while let first = deadlines.min, first.instant <= now, let late = ended(first.call) {
        let sentence = "\(late.node.name) did not answer before the call's deadline"
        actions.append(.resume(late.waiter, .failure(RemoteCallError(.timeout, sentence))))
      }
      return actions
    }

    private mutating func ended(_ call: UInt64) -> Pending? {
      guard let ended = pending.removeValue(forKey: call) else { return nil }
      while let first = deadlines.min, pending[first.call] == nil { deadlines.removeMin() }
      // Deadlines are long, and most calls short.
      if deadlines.count > 2 * pending.count + 64 {
        deadlines = Heap(deadlines.unordered.filter { pending[$0.call] != nil })
      }
      return ended
    }
  }
}
