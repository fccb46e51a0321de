@testable import ActorCluster
import Testing

@testable import Coordinator

/// Who works, by what happened to whom: without workers.
struct RosterStateMachineTests {
  private static let members = ["a", "b"].map { name in
    Member(
      node: NodeID(name: name, incarnation: 1), endpoint: "tcp://127.0.0.1:1", role: "worker", host: "h", processID: 1,
      capabilities: Capabilities(),
      status: .up, heard: .now)
  }

  /// A run with two workers, and everything that can happen to them between and in its rounds.
  private struct World {
    var table = RosterStateMachine()
    var round = 0

    func expectWhatHolds() {
      let team = table.team(after: round)
      let behind = table.behind(round)
      for member in team {
        let entry = table.entries[member.node]
        #expect(entry?.round == round && entry?.isDraining == false)
      }
      let staying = table.entries.values.filter { !$0.isDraining && table.cutOff[$0.member.node] == nil }
      #expect(
        team.isEmpty && behind.isEmpty == staying.isEmpty || !staying.isEmpty, "nobody works though somebody could")
      if staying.contains(where: { !$0.isSlow }) {
        #expect(
          (team + behind).allSatisfy { table.entries[$0.node]?.isSlow == false }, "a slow one holds up the others")
      }
      #expect(Set(team.map(\.node)).isDisjoint(with: behind.map(\.node)))
      #expect(team.map(\.node.name) == team.map(\.node.name).sorted())
    }

    var next: [World] {
      var worlds: [World] = []
      func add(_ change: (inout World) -> Void) {
        var world = self
        change(&world)
        worlds.append(world)
      }
      for member in RosterStateMachineTests.members {
        add { world in
          _ = world.table.joined(member)
          world.table.checked(member.node)
        }
        add { _ = $0.table.lost(member.node) }
        add { $0.table.has(member.node, modelsAfter: $0.round) }
        add { $0.table.has(member.node, modelsAfter: nil) }
        add { _ = $0.table.drain(member.node.name) }
        add { _ = $0.table.rehearsed(member.node, pace: 0.01) }
      }
      let team = table.team(after: round)
      for slow in team.isEmpty ? [] : [nil, team.first] {
        add { world in
          world.round += 1
          let paces = team.map { ($0.node, Double?.some($0.node == slow?.node ? 1 : 0.01)) }
          _ = world.table.trained(Dictionary(uniqueKeysWithValues: paces), round: world.round)
        }
      }
      return worlds
    }
  }

  @Test func inEveryOrderOfEventsWhoeverCanWorksAndNobodyElse() {
    var worlds = [World()]
    var seen = 0
    for _ in 0..<5 {
      worlds = worlds.flatMap(\.next)
      seen += worlds.count
      for world in worlds { world.expectWhatHolds() }
    }
    #expect(seen > 100_000)
  }

  private func trained(_ paces: [Double], times: Int = 1) -> RosterStateMachine {
    var table = RosterStateMachine()
    for member in Self.members {
      _ = table.joined(member)
      table.checked(member.node)
    }
    for round in 1...times {
      _ = table.trained(Dictionary(uniqueKeysWithValues: zip(Self.members.map(\.node), paces.map { $0 })), round: round)
    }
    return table
  }

  @Test func aWorkerThatTakesTenTimesAsLongSitsOutUntilItIsFaster() {
    var table = trained([0.01, 0.1])
    let (fast, slow) = (Self.members[0], Self.members[1])
    #expect(table.slow == [slow] && table.team(after: 1) == [fast])
    let (isStillSlow, isFaster) = (!table.rehearsed(slow.node, pace: 0.05), table.rehearsed(slow.node, pace: 0.015))
    #expect(isStillSlow && isFaster)
    #expect(table.slow.isEmpty && table.team(after: 1) == [fast, slow])
  }

  @Test func aSlowWorkerWorksWhenThereIsNoOther() {
    var table = trained([0.01, 0.1])
    _ = table.lost(Self.members[0].node)
    #expect(table.team(after: 1) == [Self.members[1]])
  }

  @Test func unequalMachinesAreNotSlow() {
    #expect(trained([0.01, 0.025], times: 20).slow.isEmpty)
  }

  @Test func whoDrainsIsInNoTeam() {
    var table = trained([0.01, 0.01])
    let (isThere, isNobody) = (table.drain("b"), !table.drain("nobody"))
    #expect(isThere && isNobody)
    #expect(table.team(after: 1) == [Self.members[0]] && table.draining.map(\.member) == [Self.members[1]])
    // It still has the models, should nobody else.
    #expect(table.holders(of: 1).count == 2)
  }

  @Test func whoIsAskedWithoutNeedIsNeitherSlowNorLeaving() {
    var (slow, leaving) = (trained([0.01, 0.1]), trained([0.01, 0.01]))
    _ = leaving.drain("b")
    #expect(slow.holders(of: 1).count == 2 && slow.quickHolders(of: 1) == [Self.members[0]])
    #expect(leaving.quickHolders(of: 1) == [Self.members[0]])
    // Unless there are no others.
    _ = (slow.lost(Self.members[0].node), leaving.lost(Self.members[0].node))
    #expect(slow.quickHolders(of: 1) == [Self.members[1]] && leaving.quickHolders(of: 1) == [Self.members[1]])
  }

  @Test func theWrongHashIsToldFromTheRightOnes() {
    #expect(ReplicaVote.wrong(["x", "y", "x"], expected: nil) == [1])
    #expect(ReplicaVote.wrong(["x", "y"], expected: nil) == nil)
    #expect(ReplicaVote.wrong(["x", "y"], expected: "y") == [0])
    #expect(ReplicaVote.wrong(["x", "x"], expected: "x") == nil)
    // What none of them has is no measure: they all have gone on, or back.
    #expect(ReplicaVote.wrong(["x", "y"], expected: "z") == nil)
  }

  @Test(arguments: [Double.infinity, -.infinity, .nan, 0, -1, .leastNonzeroMagnitude])
  func aPaceThatIsNoneIsNotBelieved(_ pace: Double) {
    var table = RosterStateMachine()
    let nodes = Self.members.map(\.node)
    for member in Self.members { _ = table.joined(member) }
    #expect(table.trained([nodes[0]: 0.5, nodes[1]: pace], round: 1).isEmpty)
    #expect(table.speeds(of: nodes) == [2, 2])
  }
}
