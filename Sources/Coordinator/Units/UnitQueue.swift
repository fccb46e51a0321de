import ActorCluster
import WorkUnits

/// Units of work that workers pull, each until its result is there: a ``UnitQueueStateMachine``, the results, and who waits.
actor UnitQueue<Unit: WorkUnit> {
  typealias Result = Unit.Result

  /// A result, and whose it is.
  struct Done: Sendable {
    let result: Result
    let worker: NodeID
  }

  private let units: [Unit]
  private var rules: UnitQueueStateMachine
  private var results: [Int: Done] = [:]
  private let changes = Signal()
  private var rejections: [Int: Int] = [:]
  private var isAbandoned = false
  private var meters = UnitMeters()

  init(_ units: [Unit]) {
    self.units = units
    rules = UnitQueueStateMachine(count: units.count)
    meters.saw(rules.counts)
  }

  deinit { meters.forget() }

  /// The next unit for a worker; nil when all have results. Waits while all that lack one are with other workers.
  func next(for worker: NodeID) async -> (index: Int, unit: Unit)? {
    while !isAbandoned, !Task.isCancelled {
      switch rules.next(for: worker, at: .now) {
      case .work(let index):
        meters.saw(rules.counts)
        return (index, units[index])
      case .done: return nil
      case .wait(let time): await changes.change(within: time.map { ContinuousClock.now.duration(to: $0) })
      }
    }
    return nil
  }

  /// - Returns: whether it is the unit's first result.
  @discardableResult func finish(_ index: Int, _ result: Result, by worker: NodeID) -> Bool {
    // Who waits is for units that come back, or are late; what late is, the first result tells.
    let isNews = results.isEmpty
    let isFirst = rules.finished(index, by: worker, at: .now)
    if isFirst { results[index] = Done(result: result, worker: worker) }
    if isNews || rules.isComplete { changed() } else { meters.saw(rules.counts) }
    return isFirst
  }

  /// What a worker made of a unit can't be its result. - Returns: how often that was so.
  func reject(_ index: Int, by worker: NodeID) -> Int {
    rejections[index, default: 0] += 1
    giveBack(index, by: worker)
    return rejections[index, default: 0]
  }

  func giveBack(_ index: Int, by worker: NodeID) {
    rules.givenBack(index, by: worker)
    meters.gaveBack()
    changed()
  }

  /// Lets everyone who waits go: what is left can't be done.
  func abandon() {
    isAbandoned = true
    changed()
  }

  private func changed() {
    meters.saw(rules.counts)
    changes.notify()
  }

  var isComplete: Bool { rules.isComplete }

  /// A unit's result, if it is there.
  func done(_ index: Int) -> Done? { results[index] }

  /// The results in the order of the units; nil if some are missing.
  var all: [Result]? {
    let inOrder = units.indices.compactMap { results[$0]?.result }
    return inOrder.count == units.count ? inOrder : nil
  }
}
