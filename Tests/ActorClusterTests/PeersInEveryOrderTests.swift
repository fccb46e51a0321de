import Testing
import ZeroMQ

@testable import ActorCluster

/// A node, the connections that it made, and who waits for one: two processes of one name and a third come and go.
private struct World {
  static let start = ContinuousClock.now
  static let nodes = [NodeID(name: "a", incarnation: 1), NodeID(name: "a", incarnation: 2), NodeID(name: "b")]

  var rules = PeerRules(Handshake(hello: .of(NodeID(name: "me"))), failureTimeout: .seconds(4))
  var now = start
  /// Those that were announced, and not as gone.
  var members: Set<NodeID> = []
  var connections: Set<Int> = []
  var waiting: Set<String> = []
  var asked = 0
  var banished: NodeID?
  var isStopped = false

  /// As `#expect`, which takes longer than what is looked at here.
  func expect(_ isSo: Bool, _ sentence: @autoclosure () -> String) {
    if !isSo { Issue.record("\(sentence())") }
  }

  /// Does what follows, and looks whether it can be.
  mutating func follow(_ transition: (inout PeerRules) -> [PeerRules.Action]) {
    var welcomed = false
    for action in transition(&rules) {
      switch action {
      case .send(let message, .outgoing(let index)):
        expect(connections.contains(index), "\(message) over a connection that is no more")
      case .send(.welcome, _): welcomed = true
      case .connect(_, _, let index): expect(connections.insert(index).inserted, "\(index) is made twice")
      case .disconnect(let index): expect(connections.remove(index) != nil, "\(index) ends twice")
      case .announce(.up(let member)):
        let isNew = members.insert(member.node).inserted
        if isNew, case .incoming = rules.links[member.node] { expect(welcomed, "it is up before it was welcomed") }
      case .announce(.suspect(let member)): expect(members.contains(member.node), "a stranger is suspect")
      case .announce(.down(let member, _)), .announce(.left(let member)):
        expect(members.remove(member.node) != nil, "\(member.node) goes twice")
      case .resume(let waiter, let result):
        expect(waiting.remove(waiter) != nil, "\(waiter) was told twice")
        if case .success(let node) = result { expect(members.contains(node), "\(waiter) has a stranger") }
      case .send, .admit, .dismiss, .countStranger, .warn: break
      }
    }
  }

  func expectWhatHolds() {
    expect(Set(rules.membership.members.keys) == members, "others are members than those that were announced")
    expect(Set(rules.links.keys) == members, "there is a way to others than the members")
    expect(Set(members.map(\.name)).count == members.count, "two of one name are members")
    expect(connections.allSatisfy { rules.connections[$0] != nil }, "a connection was forgotten")
    expect(rules.connections.isEmpty == connections.isEmpty, "a connection that is no more was not forgotten")
    expect(waiting.isEmpty || rules.nextDeadline != nil, "somebody waits for ever")
    for (node, link) in rules.links {
      var rules = rules
      expect(rules.heard(over: link, at: now).caller?.node == node, "\(node) is taken for another")
      expect((rules.link(to: node) == nil) == isStopped, "calls can be made, or not, when they should not, or should")
      if case .outgoing(let index) = link { expect(connections.contains(index), "\(node) is at no connection") }
    }
  }

  /// In the end everybody was told.
  func expectThatItEnds() {
    var world = self
    world.follow { $0.stopped() }
    expect(world.waiting.isEmpty, "somebody still waits")
    let end = now + .seconds(100)
    world.follow { $0.heartbeatDue(at: end) }
    expect(world.members.isEmpty, "somebody is never lost")
    world.follow { $0.deadlinesDue(at: end + .seconds(100)) }
    expect(world.connections.isEmpty && world.rules.nextDeadline == nil, "a connection is tried for ever")
  }

  mutating func wantConnection() {
    asked += 1
    let (waiter, number, deadline) = ("waiter \(asked)", UInt64(asked), now + .seconds(3))
    waiting.insert(waiter)
    follow { $0.connectionWanted(to: "tcp://127.0.0.1:9", by: waiter, number, until: deadline) }
  }

  mutating func pass(_ duration: Duration) {
    now += duration
    let now = now
    follow { $0.deadlinesDue(at: now) }
    expect(rules.nextDeadline.map { $0 > now } ?? true, "a deadline that is over is one still")
    follow { $0.heartbeatDue(at: now) }
  }

  mutating func hello(_ place: Int) {
    let (hello, now) = (Hello.of(Self.nodes[place]), now)
    let link = Link.incoming(identity: Frame(Array(hello.node.description.utf8)))
    let wasThere = members.contains(hello.node)
    follow { $0.helloReceived(hello, over: link, descriptor: Int32(place), key: nil, at: now) }
    if hello.node == banished { expect(members.contains(hello.node) == wasThere, "who is banished came in") }
  }

  var next: [World] {
    var worlds: [World] = []
    func add(_ change: (inout World) -> Void) {
      var world = self
      change(&world)
      worlds.append(world)
    }
    let now = now
    for place in Self.nodes.indices {
      add { $0.hello(place) }
      add { $0.follow { $0.closed(descriptor: Int32(place), at: now) } }
    }
    for link in rules.links.values { add { $0.follow { $0.goodbyeReceived(over: link, at: now) } } }
    for index in connections {
      for node in Self.nodes {
        add { $0.follow { $0.welcomeReceived(.of(node), over: .outgoing(index), at: now) } }
      }
      add { $0.follow { $0.established(index) } }
      add { $0.follow { $0.refusalReceived("no", over: .outgoing(index), at: now) } }
      add { $0.follow { $0.lost(index, at: now) } }
      add { $0.follow { $0.heard(over: .outgoing(index), at: now).actions } }
    }
    if asked < 2 { add { $0.wantConnection() } }
    if asked > 0 { add { $0.follow { $0.connectionUnwanted(by: 1) } } }
    add { $0.pass(.seconds(2)) }
    if let node = members.min(by: { $0.description < $1.description }), banished == nil {
      add {
        $0.banished = node
        $0.follow { $0.banished(node, because: "it lies", at: now) }
      }
    }
    if !isStopped {
      add {
        $0.isStopped = true
        $0.follow { $0.stopped() }
      }
    }
    return worlds
  }
}

struct PeersInEveryOrderTests {
  /// Also when somebody is a member already, and when somebody waits for a connection.
  @Test(arguments: ["nothing", "a member", "a connection", "a member and a connection"])
  func inEveryOrderOfEventsEverybodyIsToldOnce(_ begun: String) {
    var world = World()
    if begun.contains("member") { world.hello(0) }
    if begun.contains("connection") { world.wantConnection() }
    var worlds = [world]
    var seen = 0
    for _ in 0..<3 {
      worlds = worlds.flatMap(\.next)
      seen += worlds.count
      for world in worlds { world.expectWhatHolds() }
    }
    for world in worlds { world.expectThatItEnds() }
    #expect(seen > 500)
  }
}
