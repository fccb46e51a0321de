import ActorCluster
import WorkUnits

/// Which workers can't reach each other, and who is left out for it.
///
/// Workers train together only if each reaches each. Nothing but rules: the ``Roster`` has the links tried. Time comes in
/// from outside.
struct LinkTable {
  /// Two workers, in whichever order.
  struct Pair: Hashable {
    let one: NodeID
    let other: NodeID

    init(_ a: NodeID, _ b: NodeID) { (one, other) = a.description < b.description ? (a, b) : (b, a) }

    func joins(_ node: NodeID) -> Bool { one == node || other == node }
  }

  /// What fails again and again is tried ever more rarely: after this time first,
  static let patience = Duration.seconds(2)
  /// and at the latest after this time.
  static let mostPatience = Duration.seconds(300)

  /// Time until what failed is tried again. - Parameter times: how often it had failed before.
  static func patience(after times: Int) -> Duration { min(mostPatience, patience * (1 << min(16, times))) }

  /// What was found of those that are broken, and when they are to be tried again.
  private(set) var broken: [Pair: (fault: LinkFault, again: ContinuousClock.Instant)] = [:]
  /// How often a link was found broken, also of those that were mended since, and when last.
  private var times: [Pair: (count: Int, last: ContinuousClock.Instant)] = [:]
  /// Those that broke, and were whole when they were tried again: whether they carry a round is to be seen.
  private var doubtful: Set<Pair> = []

  // MARK: What happens

  mutating func failed(_ fault: LinkFault, at now: ContinuousClock.Instant) {
    let pair = Pair(fault.from, fault.to)
    // What is long past is forgotten.
    let before = times[pair].map { $0.last.duration(to: now) > Self.mostPatience * 2 ? 0 : $0.count } ?? 0
    times[pair] = (before + 1, now)
    broken[pair] = (fault, now + Self.patience(after: before))
  }

  mutating func mended(_ pair: Pair) {
    broken[pair] = nil
    doubtful.insert(pair)
  }

  /// A link broke under what a round sends, and was whole when it was tried again. Once, that is a moment's break; again,
  /// before a round was done over it, it lets through only what is small, or not for long, and counts as broken.
  mutating func held(_ fault: LinkFault, at now: ContinuousClock.Instant) {
    if !doubtful.insert(Pair(fault.from, fault.to)).inserted { failed(fault, at: now) }
  }

  /// A round was done by these together, over all links between them.
  mutating func carried(_ team: Set<NodeID>) {
    doubtful = doubtful.filter { !team.isSuperset(of: [$0.one, $0.other]) }
  }

  mutating func lost(_ node: NodeID) {
    doubtful = doubtful.filter { !$0.joins(node) }
    broken = broken.filter { !$0.key.joins(node) }
    times = times.filter { !$0.key.joins(node) }
  }

  // MARK: What follows

  func isBroken(_ a: NodeID, _ b: NodeID) -> Bool { broken[Pair(a, b)] != nil }

  /// The links that are to be tried again.
  func due(at now: ContinuousClock.Instant) -> [LinkFault] {
    broken.values.filter { $0.again <= now }.map(\.fault)
  }

  /// Whom the others do without, so that those that are left all reach each other; and a link of each that is broken.
  ///
  /// Out goes, again and again, who lacks most links; of equals, who came last.
  /// - Parameter workers: in the order in which they came.
  func leftOut(of workers: [NodeID]) -> [NodeID: LinkFault] {
    var out: [NodeID: LinkFault] = [:]
    guard !broken.isEmpty else { return out }
    var left = workers
    while true {
      let present = Set(left)
      let open = broken.filter { present.contains($0.key.one) && present.contains($0.key.other) }
      func missing(_ node: NodeID) -> Int { open.keys.count { $0.joins(node) } }
      guard !open.isEmpty, let worst = left.indices.max(by: { (missing(left[$0]), $0) < (missing(left[$1]), $1) })
      else { return out }
      let node = left.remove(at: worst)
      out[node] = open.filter { $0.key.joins(node) }.map(\.value.fault).min { "\($0)" < "\($1)" }
    }
  }
}
