import Addresses
import Logging
import Synchronization
import Testing
import ZeroMQ

@testable import ActorCluster

/// What a node does about others when this or that happens, without a socket.
struct PeersTests {
  private let start = ContinuousClock.now
  private let other = NodeID(name: "w", incarnation: 1)
  private var node = PeerRules(Handshake(hello: .of(NodeID(name: "me"))), failureTimeout: .seconds(4))

  private func link(_ node: NodeID) -> Link { .incoming(identity: Frame(Array(node.description.utf8))) }

  private mutating func hello(_ hello: Hello, key: CurveKey? = nil, after seconds: Int = 0) -> [String] {
    node.helloReceived(hello, over: link(hello.node), descriptor: 7, key: key, at: start + .seconds(seconds)).said
  }

  private mutating func connect(_ waiter: String, to endpoint: String = "tcp://127.0.0.1:9") -> [String] {
    node.connectionWanted(to: endpoint, by: waiter, UInt64(waiter.utf8.count), until: start + .seconds(10)).said
  }

  private mutating func welcome(_ node: NodeID, over index: Int = 0) -> [String] {
    self.node.welcomeReceived(.of(node), over: .outgoing(index), at: start).said
  }

  private mutating func expectRefusal(of hello: Hello, key: CurveKey? = nil, _ sentence: String) {
    let said = self.hello(hello, key: key)
    #expect(said == ["warn: \(sentence)", "refusal → \(hello.node.name): \(sentence)"])
    #expect(node.link(to: hello.node) == nil)
    let heard = node.heard(over: link(hello.node), at: start)
    #expect(heard.caller == nil && heard.actions.said == ["identify → \(hello.node.name)"])
  }

  @Test mutating func whoSaysHelloIsWelcomedBeforeAnybodyHearsOfIt() {
    #expect(hello(.of(other)) == ["admit 7", "welcome → w", "up w"])
    #expect(node.heard(over: link(other), at: start).caller == Caller(node: other, key: nil))
    #expect(hello(.of(other)) == ["admit 7", "welcome → w"])
    #expect(node.closed(descriptor: 7, at: start).said == ["down w: its connection broke"])
    #expect(node.closed(descriptor: 7, at: start).said == ["a stranger left"])
  }

  @Test mutating func whoSpeaksForAnotherIsNotHeard() {
    let said = node.helloReceived(.of(other), over: link(NodeID(name: "x")), descriptor: 7, key: nil, at: start)
    #expect(said.isEmpty && node.link(to: other) == nil)
    #expect(node.goodbyeReceived(over: link(other), at: start).said == ["identify → w"])
  }

  @Test mutating func anotherBuildIsRefused() {
    var hello = Hello.of(other)
    hello.fingerprint = "x"
    expectRefusal(
      of: hello, "me is of the build  and refuses w, which is of the build x: start both from the same build")
  }

  @Test mutating func whoIsBanishedIsTold() {
    _ = hello(.of(other))
    #expect(node.banished(other, because: "it lies", at: start).said == ["dismiss 7", "down w: it lies"])
    expectRefusal(of: .of(other), "me refuses w: it lies")
    #expect(hello(.of(NodeID(name: "w", incarnation: 2))).last == "up w")
  }

  @Test mutating func ofTwoOfOneNameTheNewerStays() {
    _ = hello(.of(other))
    let newer = NodeID(name: "w", incarnation: 2)
    #expect(hello(.of(newer)) == ["admit 7", "welcome → w", "down w: it was started anew", "up w"])
    expectRefusal(
      of: .of(other),
      "me refuses w: its place was taken by another w, started later (process 1 on h): give one of the two another name"
    )
    _ = node.goodbyeReceived(over: link(newer), at: start)
    #expect(hello(.of(other)).last == "up w")
  }

  /// A connection that lives on when its node is a member no more is a stranger's, until it says again who it is.
  @Test mutating func whoIsAMemberNoMoreIsAtTheDoorAgain() {
    _ = hello(.of(other))
    #expect(node.goodbyeReceived(over: link(other), at: start).said == ["dismiss 7", "left w"])
    #expect(node.closed(descriptor: 7, at: start).said == ["a stranger left"])
    _ = hello(.of(other))
    let newer = Hello.of(NodeID(name: "w", incarnation: 2))
    let said = node.helloReceived(newer, over: link(newer.node), descriptor: 8, key: nil, at: start).said
    #expect(said == ["admit 8", "welcome → w", "dismiss 7", "down w: it was started anew", "up w"])
    #expect(node.heartbeatDue(at: start + .seconds(4)).said.prefix(1) == ["dismiss 8"])
  }

  /// However many come with keys, the descriptors suffice; and those of one role leave room to others.
  @Test mutating func noMoreAreMembersThanThereIsRoomFor() {
    node = PeerRules(node.handshake, failureTimeout: .seconds(4), room: 4)
    for name in ["a", "b", "c"] { #expect(hello(.of(NodeID(name: name))).last == "up \(name)") }
    let sentence = "there are 3 others already, and open files for no more (ulimit -n)"
    expectRefusal(of: .of(other), "me refuses w: \(sentence)")
    #expect(hello(.of(NodeID(name: "a", incarnation: 7))).last == "up a")
    #expect(hello(.of(NodeID(name: "ada"), role: "client")).last == "up ada")
    expectRefusal(of: .of(NodeID(name: "ben"), role: "client"), "me refuses ben: \(sentence.replacing("3", with: "4"))")
  }

  @Test mutating func keysSayWhoMayBeWhat() throws {
    let (known, unknown) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
    func keyring(_ admitted: [CurveKey]) -> Keyring {
      Keyring(known, server: nil) { admitted.contains($0) ? .init(name: "ada", roles: ["worker", "client"]) : nil }
    }
    node.handshake.keyring = keyring([known.publicKey])
    let revoked = "me refuses w: its key is not authorised, or was revoked"
    expectRefusal(of: .of(other), revoked)
    expectRefusal(of: .of(other), key: unknown.publicKey, revoked)
    expectRefusal(
      of: .of(other, role: "coordinator"), key: known.publicKey,
      "me refuses w as a coordinator: the key of ada is for client, worker")
    #expect(hello(.of(other), key: known.publicKey).last == "up w")
    #expect(node.heard(over: link(other), at: start).caller?.key == known.publicKey)
    #expect(node.heartbeatDue(at: start).said == ["heartbeat → w"])
    node.handshake.keyring = keyring([])
    let said = node.heartbeatDue(at: start).said
    #expect(said == ["warn: the key of w was revoked", "dismiss 7", "down w: its key was revoked"])
    expectRefusal(of: .of(other), key: known.publicKey, revoked)
    // Also over a connection that this node makes.
    let endpoint = "tcp://127.0.0.1:9"
    #expect(connect("ann", to: endpoint) == ["ann: refused, nobody knows the key of the node at \(endpoint)"])
    let address = try #require(Address(endpoint)).with(key: known.publicKey.description).description
    #expect(connect("ann", to: address) == ["connect 0 to \(endpoint)"])
    #expect(welcome(other) == ["warn: \(revoked)", "disconnect 0", "ann: refused, \(revoked)"])
  }

  @Test mutating func aConnectionIsMadeOnceForAllWhoWantIt() {
    #expect(connect("ann") == ["connect 0 to tcp://127.0.0.1:9"])
    #expect(connect("john").isEmpty)
    #expect(node.established(0).said == ["hello → 0"])
    #expect(welcome(other) == ["up w", "ann has w", "john has w"])
    #expect(connect("eve") == ["eve has w"])
    #expect(connect("eve", to: "nowhere") == ["eve: refused, “nowhere” is no address of a node"])
    // Whoever is there now is another.
    #expect(welcome(NodeID(name: "w", incarnation: 2)) == ["down w: it was started anew", "up w"])
  }

  @Test mutating func whatIsLostWhileItJoinsIsTriedAgainUntilItIsLate() {
    _ = connect("ann")
    #expect(node.established(0).said == ["hello → 0"] && node.lost(0, at: start).isEmpty)
    #expect(node.established(0).said == ["hello → 0"] && node.nextDeadline == start + .seconds(10))
    #expect(node.deadlinesDue(at: start + .seconds(9)).isEmpty)
    let late = node.deadlinesDue(at: start + .seconds(10)).said
    #expect(late == ["disconnect 0", "ann: unreachable, nothing answered at tcp://127.0.0.1:9"])
    // A welcome that was under way is for a connection that is no more.
    #expect(welcome(other).isEmpty && node.established(0).isEmpty && node.nextDeadline == nil)
    #expect(node.membership.members.isEmpty)
  }

  @Test mutating func whatIsLostAfterwardsIsTriedForAWhile() {
    _ = connect("ann")
    _ = welcome(other)
    #expect(node.nextDeadline == nil)
    let lost = node.lost(0, at: start + .seconds(60)).said
    #expect(lost == ["down w: its connection broke"] && node.nextDeadline == start + .seconds(64))
    // It comes by itself.
    _ = hello(.of(other), after: 61)
    #expect(node.nextDeadline == nil)
  }

  @Test mutating func aRefusalEndsAConnection() {
    _ = connect("ann")
    let refused = node.refusalReceived("no", over: .outgoing(0), at: start).said
    #expect(refused == ["warn: no", "disconnect 0", "ann: refused, no"])
    #expect(node.refusalReceived("no", over: .outgoing(0), at: start).isEmpty)
    _ = connect("ann")
    _ = welcome(other, over: 1)
    let away = node.turnedAway(1, at: start).said
    let sentence =
      "the node at tcp://127.0.0.1:9 does not admit this one: its key is not authorised there, or one of the two has no keys"
    #expect(away == ["warn: \(sentence)", "disconnect 1", "down w: it refuses this node"])
  }

  @Test mutating func whatCantBeTriedIsSaid() throws {
    let system = try #require(throws: ZeroMQError.self) { try Socket(.dealer, in: ZeroMQContext()).connect("x://y") }
    _ = connect("ann")
    #expect(node.unusable(0, because: system).said == ["ann: refused, me can't connect: \(system)"])
    #expect(node.connections.isEmpty)
  }

  @Test mutating func whoLeavesSaysSo() {
    _ = hello(.of(other))
    _ = connect("ann")
    #expect(node.stopped().said == ["goodbye → w", "ann: cancelled, nobody waits for the connection"])
    #expect(connect("john") == ["john: unreachable, this process is leaving the cluster"])
    #expect(node.identifyReceived(over: link(other)).isEmpty && node.link(to: other) == nil)
  }
}

typealias PeerRules = Peers.StateMachine<String>

extension Hello {
  static func of(_ node: NodeID, role: String = "worker") -> Hello {
    Hello(node: node, endpoint: "", fingerprint: "", role: role, host: "h", processID: 1)
  }
}

extension [PeerRules.Action] {
  /// Each as a few words.
  var said: [String] { map(\.said) }
}

extension PeerRules.Action {
  fileprivate var said: String {
    switch self {
    case .send(let message, let link): "\(message.said.kind) → \(link.said)\(message.said.what)"
    case .connect(let address, _, let index): "connect \(index) to \(address)"
    case .disconnect(let index): "disconnect \(index)"
    case .admit(let descriptor): "admit \(descriptor)"
    case .dismiss(let descriptor): "dismiss \(descriptor)"
    case .countStranger: "a stranger left"
    case .announce(.up(let member)): "up \(member.node.name)"
    case .announce(.suspect(let member)): "suspect \(member.node.name)"
    case .announce(.down(let member, let reason)): "down \(member.node.name): \(reason)"
    case .announce(.left(let member)): "left \(member.node.name)"
    case .resume(let waiter, .success(let node)): "\(waiter) has \(node.name)"
    case .resume(let waiter, .failure(let error)): "\(waiter): \(error.reason), \(error)"
    case .warn(let sentence): "warn: \(sentence)"
    }
  }
}

extension Envelope.Plain {
  fileprivate var said: (kind: String, what: String) {
    switch self {
    case .hello: ("hello", "")
    case .welcome: ("welcome", "")
    case .refusal(let sentence): ("refusal", ": \(sentence)")
    case .identify: ("identify", "")
    case .heartbeat: ("heartbeat", "")
    case .goodbye: ("goodbye", "")
    case .cancel(let call): ("cancel", " \(call)")
    }
  }
}

extension Link {
  fileprivate var said: String {
    switch self {
    case .incoming(let identity):
      NodeID(identity.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })?.name ?? "?"
    case .outgoing(let index): "\(index)"
    }
  }
}

/// How those who listen are told of it.
struct PeersToldTests {
  /// A cancelled task holds a lock of its own while it asks for the peers': who is told must not be told under that.
  @Test func whoIsToldMayAskAboutPeers() throws {
    let loop = try EventLoop(
      Sockets.Configuration(
        routingID: "me", largestFrame: 1 << 20, heartbeat: .seconds(1), failureTimeout: .seconds(4)), binding: nil)
    let told = Mutex<[String]>([])
    let known = Mutex<Peers?>(nil)
    let peers = Peers(
      Handshake(hello: .of(NodeID(name: "me"))), failureTimeout: .seconds(4), over: loop,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, meters: nil
    ) { node, _ in
      let there = known.withLock(\.self)?.members.count ?? -1
      told.withLock { $0.append("\(node.name): \(there) left") }
    }
    known.withLock { $0 = peers }
    let members = ["a", "b"].map { name in
      Member(
        node: NodeID(name: name), endpoint: "", role: "worker", host: "", processID: 1, capabilities: Capabilities(),
        status: .up, heard: .now)
    }
    peers.follow { _ in members.map { .announce(.left($0)) } }
    #expect(told.withLock(\.self) == ["a: 0 left", "b: 0 left"])
    known.withLock { $0 = nil }
  }
}
