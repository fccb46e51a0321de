/// Units of work that workers pull, each until its result is there.
///
/// A unit is handed to one worker at a time; one that is given back goes to the next that asks. A result is recorded once:
/// a late second one is dropped.
actor UnitQueue<Unit: Sendable, Result: Sendable> {
  private let units: [Unit]
  private var open: [Int]
  private var results: [Int: Result] = [:]
  private var waiting: [CheckedContinuation<Int?, Never>] = []

  init(_ units: [Unit]) {
    self.units = units
    open = Array(units.indices.reversed())
  }

  /// The next unit; nil when all have results. Waits while all that lack one are with other workers.
  func next() async -> (index: Int, unit: Unit)? {
    guard results.count < units.count else { return nil }
    let index: Int?
    if let first = open.popLast() {
      index = first
    } else {
      index = await withCheckedContinuation { waiting.append($0) }
    }
    return index.map { ($0, units[$0]) }
  }

  func finish(_ index: Int, _ result: Result) {
    guard results[index] == nil else { return }
    results[index] = result
    guard results.count == units.count else { return }
    for continuation in waiting { continuation.resume(returning: nil) }
    waiting = []
  }

  func giveBack(_ index: Int) {
    guard results[index] == nil else { return }
    if waiting.isEmpty { open.append(index) } else { waiting.removeFirst().resume(returning: index) }
  }

  /// Lets everyone who waits go: nobody is left to work.
  func abandon() {
    for continuation in waiting { continuation.resume(returning: nil) }
    waiting = []
  }

  /// The results in the order of the units; nil if some are missing.
  var all: [Result]? {
    let inOrder = units.indices.compactMap { results[$0] }
    return inOrder.count == units.count ? inOrder : nil
  }
}
