/// Who may decide on which question now: leases, in the order in which the questions came.
///
/// It knows nothing of what is decided, and of time only what it is told.
struct DeskStateMachine {
  /// A question with those who deal with it.
  struct Entry {
    /// Who has it, and until when.
    var holder: String?
    var until: ContinuousClock.Instant
    var passedBy: Set<String> = []
    /// Who decided on it, and counts.
    var decidedBy: String?
    /// Whether it is offered to a second person, too.
    var isForTwo: Bool
    /// Who is the second.
    var second: String?
    /// Whether somebody may still get it.
    var isOffered = true
  }

  private var entries: [QuestionID: Entry] = [:]
  /// In the order in which they came.
  private var order: [QuestionID] = []
  private let lease: Duration
  /// Decided questions that wait for a second person, at most: older ones are let go.
  private static let mostForTwo = 20

  init(lease: Duration) { self.lease = lease }

  /// Questions on which nobody has decided yet.
  var open: [QuestionID] { order.filter { entries[$0]?.decidedBy == nil } }
  /// How many they are.
  private(set) var waiting = 0

  mutating func add(_ id: QuestionID, isForTwo: Bool, now: ContinuousClock.Instant) {
    guard entries[id] == nil else { return }
    entries[id] = Entry(holder: nil, until: now, isForTwo: isForTwo)
    order.append(id)
    waiting += 1
  }

  mutating func remove(_ id: QuestionID) {
    guard let entry = entries.removeValue(forKey: id), entry.isOffered else { return }
    if entry.decidedBy == nil { waiting -= 1 }
    order.removeAll { $0 == id }
  }

  /// Whether somebody may still get it.
  func isOffered(_ id: QuestionID) -> Bool { entries[id]?.isOffered ?? false }

  /// Who has it now.
  func holder(of id: QuestionID, now: ContinuousClock.Instant) -> String? {
    entries[id].flatMap { $0.until > now ? $0.holder : nil }
  }

  /// Who has something on which nobody has decided.
  func holders(now: ContinuousClock.Instant) -> Set<String> {
    Set(order.lazy.filter { entries[$0]?.decidedBy == nil }.compactMap { holder(of: $0, now: now) })
  }

  /// Time that is left of a lease.
  func left(of id: QuestionID, now: ContinuousClock.Instant) -> Duration {
    entries[id].map { max(.zero, now.duration(to: $0.until)) } ?? .zero
  }

  /// What a person has.
  func held(by person: String, now: ContinuousClock.Instant) -> QuestionID? {
    order.first { holder(of: $0, now: now) == person }
  }

  /// Gives a person what they have, or the next one that is free for them.
  mutating func take(_ person: String, now: ContinuousClock.Instant) -> QuestionID? {
    if let held = held(by: person, now: now) { return held }
    let free = order.filter { isFree($0, for: person, now: now) }
    // What nobody has decided on comes first; of what they left lying, they have steps already.
    let next =
      free.first { entries[$0]?.decidedBy == nil && entries[$0]?.holder == person }
      ?? free.first { entries[$0]?.decidedBy == nil } ?? free.first
    if let next { _ = claim(next, by: person, now: now) }
    return next
  }

  private func isFree(_ id: QuestionID, for person: String, now: ContinuousClock.Instant) -> Bool {
    guard let entry = entries[id], holder(of: id, now: now) == nil, !entry.passedBy.contains(person) else {
      return false
    }
    // Who decided second does not decide first, too, when the first is taken back.
    guard entry.second != person else { return false }
    return entry.decidedBy == nil || (entry.isForTwo && entry.second == nil && entry.decidedBy != person)
  }

  /// Takes or renews a lease. - Returns: whether the person has it now.
  mutating func claim(_ id: QuestionID, by person: String, now: ContinuousClock.Instant) -> Bool {
    guard holder(of: id, now: now) == person || isFree(id, for: person, now: now) else { return false }
    entries[id]?.holder = person
    entries[id]?.until = now + lease
    return true
  }

  /// Whether a person who decides on it now is the second to do so.
  func isSecond(_ id: QuestionID, _ person: String) -> Bool {
    entries[id]?.decidedBy.map { $0 != person } ?? false
  }

  /// Takes note of a decision, and ends the lease.
  mutating func decided(_ id: QuestionID, by person: String, now: ContinuousClock.Instant) {
    guard let entry = entries[id] else { return }
    if entry.decidedBy == nil {
      entries[id]?.decidedBy = person
      waiting -= 1
    } else {
      entries[id]?.second = person
    }
    entries[id]?.holder = nil
    entries[id]?.until = now
    let forTwo = order.filter { entries[$0].map { $0.decidedBy != nil && $0.isForTwo && $0.second == nil } ?? false }
    let offered = Set(forTwo.suffix(Self.mostForTwo))
    for id in order where entries[id]?.decidedBy != nil && !offered.contains(id) { entries[id]?.isOffered = false }
    order.removeAll { entries[$0]?.isOffered == false }
  }

  /// The person who decided last takes it back, and has it again.
  mutating func undecided(_ id: QuestionID, by person: String, now: ContinuousClock.Instant) {
    guard let entry = entries[id] else { return }
    if !entry.isOffered { order.insert(id, at: 0) }
    entries[id]?.isOffered = true
    if entry.second == person {
      entries[id]?.second = nil
    } else if entry.decidedBy != nil {
      entries[id]?.decidedBy = nil
      waiting += 1
    }
    entries[id]?.holder = person
    entries[id]?.until = now + lease
  }

  /// A person leaves it to others. - Returns: whether all of these people have.
  mutating func passed(_ id: QuestionID, by person: String, of people: Set<String>, now: ContinuousClock.Instant)
    -> Bool
  {
    entries[id]?.passedBy.insert(person)
    entries[id]?.holder = nil
    entries[id]?.until = now
    return people.isSubset(of: entries[id]?.passedBy ?? [])
  }
}
