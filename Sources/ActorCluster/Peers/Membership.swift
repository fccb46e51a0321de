/// Who is a member, by what was heard and when. Time comes in from outside; what is to be done goes out as events.
struct Membership {
  /// A member silent for so long is down; for half of it, suspect.
  let failureTimeout: Duration
  /// Others that there may be at a time, with a connection each.
  let room: Int
  private(set) var members: [NodeID: Member] = [:]
  /// Incarnations whose place a newer one of their name has, by that name.
  private var replaced: [String: [NodeID]] = [:]
  /// Of each name so many are remembered: more processes that live on at once nobody starts by mistake.
  private static let mostReplaced = 16

  init(failureTimeout: Duration, room: Int = .max) {
    self.failureTimeout = failureTimeout
    self.room = room
  }

  /// Why a node that says hello is not welcome; nil: it is. Two processes of one name would take each other's place for
  /// ever: the newer one keeps it as long as it lives.
  func objection(to hello: Hello) -> String? {
    if replaced[hello.node.name]?.contains(hello.node) == true,
      let newer = members(namedAs: hello).first(where: { $0.node != hello.node })
    {
      return
        "its place was taken by another \(hello.node.name), started later (process \(newer.processID) on "
        + "\(newer.host)): give one of the two another name"
    }
    guard members(namedAs: hello).isEmpty, !hasRoom(for: hello.role) else { return nil }
    return "there are \(members.count) others already, and open files for no more (ulimit -n)"
  }

  /// Those of its name and role: a worker that is called as the coordinator is does not take its place.
  private func members(namedAs hello: Hello) -> [Member] {
    members.values.filter { $0.node.name == hello.node.name && $0.role == hello.role }
  }

  /// Those of one role leave a quarter of the room to others.
  private func hasRoom(for role: String) -> Bool {
    members.count < room && members.values.count { $0.role == role } < room - room / 4
  }

  /// A node said hello and was welcomed, or welcomed this one. An older incarnation of the same name is down.
  mutating func greeted(_ hello: Hello, at now: ContinuousClock.Instant) -> [MemberEvent] {
    let name = hello.node.name
    let predecessors = members(namedAs: hello).map(\.node).filter { $0 != hello.node }
    let older = (replaced[name] ?? []) + predecessors
    var events = predecessors.flatMap { connectionLost($0, reason: "it was started anew") }
    if !older.isEmpty { replaced[name] = older.suffix(Self.mostReplaced) }
    let known = members[hello.node]?.status
    let member = Member(
      node: hello.node, endpoint: hello.endpoint, role: hello.role, host: hello.host, processID: hello.processID,
      capabilities: hello.capabilities, status: .up, heard: now)
    members[hello.node] = member
    if known != .up { events.append(.up(member)) }
    return events
  }

  /// Anything at all arrived from a member.
  mutating func heard(from node: NodeID, at now: ContinuousClock.Instant) -> [MemberEvent] {
    guard var member = members[node] else { return [] }
    let wasSuspect = member.status == .suspect
    member.heard = now
    if wasSuspect { member.status = .up }
    members[node] = member
    return wasSuspect ? [.up(member)] : []
  }

  /// Time passed.
  mutating func ticked(at now: ContinuousClock.Instant) -> [MemberEvent] {
    var events: [MemberEvent] = []
    for var member in members.values {
      let silence = member.heard.duration(to: now)
      if silence >= failureTimeout {
        forget(member.node)
        events.append(.down(member, reason: "nothing was heard of it for \(failureTimeout.inSeconds)"))
      } else if silence >= failureTimeout / 2, member.status == .up {
        member.status = .suspect
        members[member.node] = member
        events.append(.suspect(member))
      }
    }
    return events
  }

  /// The connection to a member broke.
  mutating func connectionLost(_ node: NodeID, reason: String = "its connection broke") -> [MemberEvent] {
    forget(node).map { [.down($0, reason: reason)] } ?? []
  }

  /// A member said goodbye.
  mutating func saidGoodbye(_ node: NodeID) -> [MemberEvent] {
    forget(node).map { [.left($0)] } ?? []
  }

  /// With a member its claim to its name is gone.
  @discardableResult
  private mutating func forget(_ node: NodeID) -> Member? {
    guard let member = members.removeValue(forKey: node) else { return nil }
    replaced[node.name] = nil
    return member
  }
}

extension Duration {
  /// `1.5 s`.
  public var inSeconds: String {
    let seconds = Double(components.seconds) + Double(components.attoseconds) * 1e-18
    let tenths = (seconds * 10).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths)) s" : "\(tenths) s"
  }
}
