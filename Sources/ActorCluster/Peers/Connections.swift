import ZeroMQ

/// The connections that this node made, or tries to make, and those who wait for them.
struct Connections<Waiter: Sendable>: Sendable {
  struct Connection: Sendable {
    let endpoint: String
    /// Of the node there; nil if there are no keys.
    let key: CurveKey?
    /// Who answered there last.
    var peer: NodeID?
    /// Those who asked for it, by numbers of their own.
    var waiting: [(number: UInt64, waiter: Waiter)] = []
    /// When it is given up, if it leads to no member then.
    var deadline: ContinuousClock.Instant
  }

  private var all: [Int: Connection] = [:]
  private var count = 0
  /// Those at whose other end no member is: not yet, or no longer.
  private var opening: Set<Int> = []

  var isEmpty: Bool { all.isEmpty }

  subscript(index: Int) -> Connection? { all[index] }

  func index(of endpoint: String) -> Int? { all.first { $0.value.endpoint == endpoint }?.key }

  /// When the first of them is given up that leads nowhere; nil: none does.
  var nextDeadline: ContinuousClock.Instant? { opening.lazy.compactMap { all[$0]?.deadline }.min() }

  /// A new one is made. - Returns: its index.
  mutating func begun(to endpoint: String, _ key: CurveKey?, until deadline: ContinuousClock.Instant) -> Int {
    defer { count += 1 }
    all[count] = Connection(endpoint: endpoint, key: key, deadline: deadline)
    opening.insert(count)
    return count
  }

  /// Somebody waits for it, and has it tried for longer.
  mutating func awaited(_ index: Int, by waiter: Waiter, _ number: UInt64, until deadline: ContinuousClock.Instant) {
    all[index]?.waiting.append((number, waiter))
    prolong(index, until: deadline)
  }

  /// Who waits under a number does so no longer; the connection is still made.
  mutating func unawaited(by isMeant: (UInt64) -> Bool) -> [Waiter] {
    all.keys.flatMap { index in
      let stopped = all[index]?.waiting.filter { isMeant($0.number) } ?? []
      all[index]?.waiting.removeAll { isMeant($0.number) }
      return stopped.map(\.waiter)
    }
  }

  /// A node answered. - Returns: those who waited for that.
  mutating func answered(_ index: Int, by peer: NodeID) -> [Waiter] {
    let waiting = all[index]?.waiting ?? []
    all[index]?.waiting = []
    all[index]?.peer = peer
    opening.remove(index)
    return waiting.map(\.waiter)
  }

  /// A node is a member, over whichever connection: those to it lead somewhere.
  mutating func joined(_ peer: NodeID) { opening = opening.filter { all[$0]?.peer != peer } }

  /// A node is no member any more: those to it are tried for a while.
  mutating func lost(_ peer: NodeID, until deadline: ContinuousClock.Instant) {
    for index in all.keys where all[index]?.peer == peer {
      opening.insert(index)
      prolong(index, until: deadline)
    }
  }

  private mutating func prolong(_ index: Int, until deadline: ContinuousClock.Instant) {
    guard let present = all[index]?.deadline, present < deadline else { return }
    all[index]?.deadline = deadline
  }

  mutating func forgotten(_ index: Int) -> Connection? {
    opening.remove(index)
    return all.removeValue(forKey: index)
  }

  /// What leads nowhere is given up in time, also if nobody waits for it any more: it would be tried for ever.
  mutating func givenUp(at now: ContinuousClock.Instant) -> [(index: Int, connection: Connection)] {
    let late = opening.filter { index in all[index].map { $0.deadline <= now } ?? true }
    return late.sorted().compactMap { index in forgotten(index).map { (index, $0) } }
  }
}
