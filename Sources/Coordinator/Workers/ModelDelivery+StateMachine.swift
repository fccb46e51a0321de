import ActorCluster

/// By which rules workers that lack the models get them.
///
/// Whoever has them gives them to one other at a time, and who got them gives them on: after n turns 2ⁿ have them, and the
/// coordinator sends them once at most, when no worker has them. Nothing but rules: the ``Roster`` carries them out.
struct ModelDeliveryStateMachine {
  enum Source: Hashable { case worker(NodeID), coordinator }

  enum Answer: Equatable {
    case from(Source)
    /// All that have them are giving them to others.
    case wait
    /// Nobody has them.
    case nowhere
  }

  private var giving: Set<Source> = []

  /// - Parameters:
  ///   - holders: workers that have the models, those to be asked first.
  ///   - isKept: whether the coordinator has them.
  mutating func next(among holders: [NodeID], isKept: Bool) -> Answer {
    let sources = holders.isEmpty && isKept ? [.coordinator] : holders.map(Source.worker)
    if let free = sources.first(where: { !giving.contains($0) }) {
      giving.insert(free)
      return .from(free)
    }
    // Who is just getting them will have them soon.
    return sources.isEmpty && giving.isEmpty ? .nowhere : .wait
  }

  /// A source has given them, or failed to.
  mutating func ended(_ source: Source) { giving.remove(source) }
}
