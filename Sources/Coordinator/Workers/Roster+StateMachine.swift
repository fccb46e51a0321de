import ActorCluster
import Status
import WorkUnits

/// The workers of a run as its coordinator knows them: of which round their models are, which of them hold the others up,
/// which are to leave.
///
/// Nothing but rules: what is to be done about it is the ``Roster``'s.
struct RosterStateMachine {
  struct Entry {
    var member: Member
    /// How many came before it.
    let place: Int
    /// Whether it and the others have tried to reach each other; before, it is nobody's to work with.
    var isChecked = false
    /// The models that it has are those after this round; nil: it has none, or none that can be relied on.
    var round: Int?
    /// It leaves when the present round is done.
    var isDraining = false
    /// Whether it is to be started again after it left.
    var restarts = false
    /// It takes so much longer than the others that they train without it.
    var isSlow = false
    /// Seconds for a microbatch, smoothed.
    var pace: Double?
    var pulse: WorkerPulse
    var status: WorkerStatus
    /// What is wrong with where it says that it can be reached.
    var advice: Warning?
  }

  /// A worker is slow that takes so many times as long as the middle one,
  static let slow = 3.0
  /// and no longer when it takes only so many times as long.
  static let mended = 2.0

  /// Seconds that a microbatch can take; what a worker says beyond that is no measurement.
  private static let paces = 1e-9...1e6

  private(set) var entries: [NodeID: Entry] = [:]
  /// Which of them can't reach each other.
  var links = LinkTable()
  private var joinings = 0

  // MARK: What happens

  /// - Returns: whether the worker is new.
  mutating func joined(_ member: Member) -> Bool {
    guard entries[member.node] == nil else {
      entries[member.node]?.member = member
      return false
    }
    let status = Self.status(of: member, WorkerStatus(id: "", host: "", pid: 0, state: ""))
    entries[member.node] = Entry(member: member, place: joinings, pulse: WorkerPulse(at: member.heard), status: status)
    joinings += 1
    return true
  }

  mutating func became(suspect member: Member) { entries[member.node]?.member = member }

  /// - Returns: whether there was such a worker.
  mutating func lost(_ node: NodeID) -> Bool {
    links.lost(node)
    return entries.removeValue(forKey: node) != nil
  }

  /// A worker and the others have tried to reach each other.
  mutating func checked(_ node: NodeID) { entries[node]?.isChecked = true }

  mutating func advised(_ node: NodeID, _ advice: Warning) { entries[node]?.advice = advice }

  /// A worker has the models after a round; nil: they can't be relied on.
  mutating func has(_ node: NodeID, modelsAfter round: Int?) { entries[node]?.round = round }

  /// Workers trained a round together. - Parameter paces: seconds that each took for a microbatch, if it had one.
  /// - Returns: those that turned out slow.
  mutating func trained(_ paces: [NodeID: Double?], round: Int) -> [NodeID] {
    for (node, pace) in paces {
      entries[node]?.round = round
      // Who computed nothing is measured anew when it does.
      guard let pace, Self.paces.contains(pace) else {
        entries[node]?.pace = nil
        continue
      }
      let before = entries[node]?.pace ?? pace
      entries[node]?.pace = (before + pace) / 2
    }
    guard let middle = middlePace else { return [] }
    let slow = paces.keys.filter { entries[$0].map { !$0.isSlow && ($0.pace ?? 0) > Self.slow * middle } ?? false }
    for node in slow { entries[node]?.isSlow = true }
    return slow
  }

  /// A slow worker did a microbatch for the sake of measuring. - Returns: whether it is slow no longer.
  mutating func rehearsed(_ node: NodeID, pace: Double) -> Bool {
    guard let entry = entries[node], entry.isSlow, Self.paces.contains(pace) else { return false }
    guard let middle = middlePace, pace > Self.mended * middle else {
      entries[node]?.isSlow = false
      entries[node]?.pace = pace
      return true
    }
    return false
  }

  /// Slow workers are needed, however slow they are.
  mutating func calledInTheSlow() {
    for member in slow {
      entries[member.node]?.isSlow = false
      entries[member.node]?.pace = nil
    }
  }

  /// A worker is to leave when the present round is done. - Returns: false if there is none of that name.
  mutating func drain(_ name: String, restarting: Bool = false) -> Bool {
    guard let node = entries.keys.first(where: { $0.name == name }) else { return false }
    entries[node]?.isDraining = true
    entries[node]?.restarts = restarting
    return true
  }

  /// A worker was asked how it is, and did not answer. - Parameter isAlive: whether its heart beat meanwhile.
  mutating func missed(_ node: NodeID, isAlive: Bool) { entries[node]?.pulse.missed(isAlive: isAlive) }

  mutating func heard(_ status: WorkerStatus, from node: NodeID, at now: ContinuousClock.Instant) {
    guard let member = entries[node]?.member else { return }
    entries[node]?.status = Self.status(of: member, status)
    entries[node]?.pulse.heard(isComputing: status.isComputing, processorSeconds: status.processorSeconds, at: now)
  }

  /// What a worker says of itself, under the name that it joined with.
  private static func status(of member: Member, _ said: WorkerStatus) -> WorkerStatus {
    var status = said
    (status.id, status.host, status.pid) = (member.node.name, member.host, Int(member.processID))
    status.warnings = []
    status.state = "joining"
    status.cores = member.capabilities.cores
    status.memoryBytes = member.capabilities.memoryBytes
    status.device = member.capabilities.device
    status.work = String(status.work.shown.prefix(80))
    return status
  }

  // MARK: What follows

  /// Of the workers that are not slow, the lower middle one's.
  private var middlePace: Double? {
    let paces = entries.values.filter { !$0.isSlow }.compactMap(\.pace).sorted()
    return paces.isEmpty ? nil : paces[(paces.count - 1) / 2]
  }

  /// Those that the others can't reach, each with a link that is broken.
  var cutOff: [NodeID: LinkFault] {
    links.leftOut(of: entries.values.filter { !$0.isDraining }.sorted { $0.place < $1.place }.map(\.member.node))
  }

  /// Those that get work. Slow ones do when there are no others.
  private var working: [Entry] {
    let cutOff = cutOff
    let staying = entries.values.filter { !$0.isDraining && $0.isChecked && cutOff[$0.member.node] == nil }
      .sorted { $0.member.node.name < $1.member.node.name }
    let fast = staying.filter { !$0.isSlow }
    return fast.isEmpty ? staying : fast
  }

  /// The workers for what follows a round, by name.
  func team(after round: Int) -> [Member] { working.filter { $0.round == round }.map(\.member) }

  /// Those that would be in the team if they had the models.
  func behind(_ round: Int) -> [Member] { working.filter { $0.round != round }.map(\.member) }

  /// Those that may have the models after a round, or can go back to them.
  func holders(of round: Int) -> [Member] {
    entries.values.filter { $0.round == round || $0.round == round + 1 }.map(\.member)
  }

  /// Microbatches a second, measured; of one that has not computed any yet, as the middle one's.
  func speeds(of nodes: [NodeID]) -> [Double] {
    let middle = middlePace ?? 1
    return nodes.map { 1 / (entries[$0]?.pace ?? middle) }
  }

  /// Those of them that are neither slow nor on their way out, as far as there are such: who is asked without need.
  func quickHolders(of round: Int) -> [Member] {
    let quick = holders(of: round).filter { entries[$0.node].map { !$0.isSlow && !$0.isDraining } ?? false }
    return quick.isEmpty ? holders(of: round) : quick
  }

  var draining: [Entry] { entries.values.filter(\.isDraining) }

  var slow: [Member] { entries.values.filter { $0.isSlow && !$0.isDraining }.map(\.member) }
}
