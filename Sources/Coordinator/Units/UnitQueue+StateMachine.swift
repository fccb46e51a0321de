import ActorCluster

/// By which rules units of work are handed out: which are open, who holds which, which are done.
///
/// A unit goes to one worker, and to a second one only when the first takes far longer than units take here and nothing
/// else is left to do. It is done once: the first result counts. Time comes in from outside.
struct UnitQueueStateMachine {
  /// What a worker is told that asks for work.
  enum Answer: Equatable {
    case work(Int)
    /// All open units are with others; ask again at this time, or when something changes.
    case wait(until: ContinuousClock.Instant?)
    case done
  }

  /// A unit held for so many times the median of those that are done is late.
  static let late = 4
  /// Nothing is late before this time.
  static let patience = Duration.milliseconds(200)

  private let count: Int
  private var open: [Int]
  private var held: [Int: [NodeID: ContinuousClock.Instant]] = [:]
  private var done: Set<Int> = []
  /// Units that were given back at some time.
  private var returned: Set<Int> = []
  /// How long units took, in order.
  private var durations: [Duration] = []

  init(count: Int) {
    self.count = count
    open = Array((0..<count).reversed())
  }

  var isComplete: Bool { done.count == count }

  /// Units by state.
  var counts: (open: Int, held: Int, done: Int) { (open.count, count - open.count - done.count, done.count) }

  mutating func next(for worker: NodeID, at now: ContinuousClock.Instant) -> Answer {
    if isComplete { return .done }
    if let unit = open.popLast() {
      held[unit, default: [:]][worker] = now
      return .work(unit)
    }
    guard let patience else { return .wait(until: nil) }
    let alone = held.filter { $0.value.count == 1 && $0.value[worker] == nil }
      .compactMap { unit, holders in holders.values.first.map { (since: $0, unit: unit) } }
    guard let oldest = alone.min(by: { ($0.since, $0.unit) < ($1.since, $1.unit) }) else { return .wait(until: nil) }
    guard oldest.since + patience <= now else { return .wait(until: oldest.since + patience) }
    held[oldest.unit]?[worker] = now
    return .work(oldest.unit)
  }

  /// - Returns: whether this is the unit's first result.
  mutating func finished(_ unit: Int, by worker: NodeID, at now: ContinuousClock.Instant) -> Bool {
    if let since = held[unit]?[worker] {
      let duration = since.duration(to: now)
      durations.insert(duration, at: durations.partitioningIndex { $0 >= duration })
    }
    held[unit]?[worker] = nil
    guard done.insert(unit).inserted else { return false }
    held[unit] = held[unit]?.isEmpty == false ? held[unit] : nil
    if returned.contains(unit) { open.removeAll { $0 == unit } }
    return true
  }

  /// A worker that held a unit is lost, or failed at it.
  mutating func givenBack(_ unit: Int, by worker: NodeID) {
    held[unit]?[worker] = nil
    guard !done.contains(unit), held[unit, default: [:]].isEmpty, !open.contains(unit) else { return }
    returned.insert(unit)
    open.append(unit)
  }

  /// How long a unit may be held before a second worker gets it; nil while no unit is done to compare with.
  private var patience: Duration? {
    durations.isEmpty ? nil : max(Self.patience, durations[durations.count / 2] * Self.late)
  }
}

extension Array {
  /// The first place whose element satisfies a condition, as all after it do.
  fileprivate func partitioningIndex(where isInSecondPart: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isInSecondPart(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
