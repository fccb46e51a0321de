import Testing

@testable import ActorCluster

struct MembershipTests {
  private let start = ContinuousClock.now
  private var membership = Membership(failureTimeout: .seconds(4))

  private func hello(_ node: NodeID) -> Hello {
    Hello(node: node, endpoint: "", fingerprint: "", role: "worker", host: "h", processID: 1)
  }

  private func kinds(_ events: [MemberEvent]) -> [String] {
    events.map { event in
      switch event {
      case .up(let member): "up \(member.status)"
      case .suspect(let member): "suspect \(member.status)"
      case .down: "down"
      case .left: "left"
      }
    }
  }

  @Test mutating func aSilentMemberIsSuspectThenDown() {
    let node = NodeID(name: "w")
    #expect(kinds(membership.greeted(hello(node), at: start)) == ["up up"])
    #expect(membership.ticked(at: start + .seconds(1)).isEmpty)
    #expect(kinds(membership.ticked(at: start + .seconds(2))) == ["suspect suspect"])
    #expect(membership.ticked(at: start + .seconds(3)).isEmpty)
    #expect(kinds(membership.ticked(at: start + .seconds(4))) == ["down"])
    #expect(membership.members.isEmpty)
    #expect(membership.heard(from: node, at: start + .seconds(5)).isEmpty)
  }

  @Test mutating func aSuspectThatIsHeardIsUpAgain() {
    let node = NodeID(name: "w")
    _ = membership.greeted(hello(node), at: start)
    _ = membership.ticked(at: start + .seconds(3))
    #expect(kinds(membership.heard(from: node, at: start + .seconds(3))) == ["up up"])
    #expect(membership.heard(from: node, at: start + .seconds(3)).isEmpty)
    #expect(membership.ticked(at: start + .seconds(4)).isEmpty)
  }

  @Test mutating func anotherIncarnationTakesTheNameOver() {
    let (old, new) = (NodeID(name: "w"), NodeID(name: "w"))
    _ = membership.greeted(hello(old), at: start)
    #expect(kinds(membership.greeted(hello(new), at: start)) == ["down", "up up"])
    #expect(Array(membership.members.keys) == [new])
  }

  @Test mutating func whoIsCalledAsOneOfAnotherRoleIsDoesNotTakeItsPlace() {
    let (coordinator, worker) = (NodeID(name: "coordinator"), NodeID(name: "coordinator"))
    var first = hello(coordinator)
    first.role = "coordinator"
    #expect(kinds(membership.greeted(first, at: start)) == ["up up"])
    #expect(membership.objection(to: hello(worker)) == nil)
    #expect(kinds(membership.greeted(hello(worker), at: start)) == ["up up"])
    #expect(Set(membership.members.keys) == [coordinator, worker] && membership.objection(to: first) == nil)
  }

  @Test mutating func whoWasReplacedMayNotComeBackWhileItsSuccessorLives() throws {
    let (old, new) = (NodeID(name: "w"), NodeID(name: "w"))
    _ = membership.greeted(hello(old), at: start)
    #expect(membership.objection(to: hello(new)) == nil)
    _ = membership.greeted(hello(new), at: start)
    #expect(membership.objection(to: hello(new)) == nil)
    let objection = try #require(membership.objection(to: hello(old)))
    #expect(objection.contains("taken by another w") && objection.contains("process 1 on h"), "\(objection)")
    // Its connection ends, too.
    #expect(membership.connectionLost(old).isEmpty && membership.objection(to: hello(old)) != nil)
    // A third one takes the place of both.
    _ = membership.greeted(hello(NodeID(name: "w")), at: start)
    #expect(membership.objection(to: hello(old)) != nil && membership.objection(to: hello(new)) != nil)
    _ = membership.ticked(at: start + .seconds(4))
    #expect(membership.objection(to: hello(old)) == nil)
  }

  @Test mutating func aSecondHelloIsNoSecondArrival() {
    let node = NodeID(name: "w")
    _ = membership.greeted(hello(node), at: start)
    #expect(membership.greeted(hello(node), at: start + .seconds(1)).isEmpty)
    #expect(membership.ticked(at: start + .milliseconds(2900)).isEmpty)
  }

  @Test mutating func leavingAndLosingTheConnection() {
    let (a, b) = (NodeID(name: "a"), NodeID(name: "b"))
    _ = membership.greeted(hello(a), at: start)
    _ = membership.greeted(hello(b), at: start)
    #expect(kinds(membership.saidGoodbye(a)) == ["left"])
    #expect(kinds(membership.connectionLost(b)) == ["down"])
    #expect(membership.saidGoodbye(a).isEmpty && membership.connectionLost(b).isEmpty)
  }
}
