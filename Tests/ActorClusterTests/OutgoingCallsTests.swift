import Testing
import ZeroMQ

@testable import ActorCluster

private typealias Rules = OutgoingCalls.StateMachine<String>

private let nodes = [NodeID(name: "a"), NodeID(name: "b")]

private func reply(to call: UInt64) -> CallResult {
  CallResult(call: call, failed: false, body: WireReader(Frame([UInt8]())), frames: [])
}

/// How calls end, without a socket or a clock.
struct OutgoingCallsTests {
  private let start = ContinuousClock.now
  private var calls = Rules(atMost: 3)

  private func said(_ actions: [Rules.Action?]) -> [String] {
    actions.compactMap(\.self).map { action in
      switch action {
      case .cancel(let call, let node): "cancel \(call) at \(node.name)"
      case .resume(let waiter, .success(let reply)): "\(waiter): \(reply.call)"
      case .resume(let waiter, .failure(let error)): "\(waiter): \(error.reason), \(error)"
      }
    }
  }

  private mutating func begin(_ call: UInt64, to node: Int = 0, within seconds: Int = 10) -> [String] {
    said([calls.begun(call, to: nodes[node], by: "caller \(call)", until: start + .seconds(seconds))])
  }

  @Test mutating func aReplyEndsACall() {
    #expect(begin(1).isEmpty && begin(2).isEmpty)
    #expect(said([calls.answered(reply(to: 2), by: nodes[0])]) == ["caller 2: 2"])
    #expect(calls.answered(reply(to: 2), by: nodes[0]) == nil && calls.answered(reply(to: 77), by: nodes[0]) == nil)
    #expect(calls.nextDeadline == start + .seconds(10))
    #expect(said([calls.answered(reply(to: 1), by: nodes[0])]) == ["caller 1: 1"] && calls.nextDeadline == nil)
  }

  @Test mutating func whoWasNotAskedAnswersNothing() {
    _ = begin(1)
    #expect(calls.answered(reply(to: 1), by: nodes[1]) == nil)
    #expect(said([calls.answered(reply(to: 1), by: nodes[0])]) == ["caller 1: 1"])
  }

  @Test mutating func aReplyAfterTheDeadlineIsNobodys() {
    _ = begin(1, within: 5)
    _ = begin(2, within: 3)
    #expect(calls.nextDeadline == start + .seconds(3) && calls.deadlinesDue(at: start + .seconds(2)).isEmpty)
    let late = said(calls.deadlinesDue(at: start + .seconds(3)))
    #expect(late == ["caller 2: timeout, a did not answer before the call's deadline"])
    #expect(calls.answered(reply(to: 2), by: nodes[0]) == nil && calls.nextDeadline == start + .seconds(5))
  }

  @Test mutating func whoIsCancelledHasTheCalleeToldOnce() {
    _ = begin(1)
    #expect(said(calls.cancelled(1)) == ["cancel 1 at a", "caller 1: cancelled, the call was cancelled"])
    #expect(calls.cancelled(1).isEmpty && calls.answered(reply(to: 1), by: nodes[0]) == nil)
  }

  @Test mutating func onlyTheCallsOfWhoIsLostAreLost() {
    _ = begin(1)
    _ = begin(2, to: 1)
    _ = begin(3)
    let error = RemoteCallError(.unreachable, "a is down")
    #expect(
      said(calls.lost(nodes[0], because: error)) == [
        "caller 1: unreachable, a is down", "caller 3: unreachable, a is down",
      ])
    #expect(said(calls.lost(nil, because: error)) == ["caller 2: unreachable, a is down"])
  }

  @Test mutating func whoIsNotThereCantBeCalled() {
    _ = begin(1)
    #expect(said([calls.unconnected(1)]) == ["caller 1: unreachable, a is not connected"])
    // It was lost in between, and the caller told so.
    _ = begin(2)
    _ = calls.lost(nodes[0], because: RemoteCallError(.unreachable, "a is down"))
    #expect(calls.unconnected(2) == nil)
  }

  @Test mutating func noMoreThanSoMany() {
    for call in 1...3 { #expect(begin(UInt64(call)).isEmpty) }
    #expect(begin(4) == ["caller 4: overloaded, 3 calls are already under way"])
    _ = calls.answered(reply(to: 2), by: nodes[0])
    #expect(begin(5).isEmpty)
  }

  /// Deadlines of calls that have ended are forgotten, though one that began before them has not.
  @Test mutating func whatHasEndedTakesNoRoom() {
    _ = begin(1, within: 1)
    for call in 2...1000 {
      _ = begin(UInt64(call), within: call)
      _ = calls.answered(reply(to: UInt64(call)), by: nodes[0])
      #expect(calls.deadlines.count <= 2 + 64 + 1)
    }
    #expect(said(calls.deadlinesDue(at: start + .seconds(1))).count == 1 && calls.nextDeadline == nil)
  }

  private struct World {
    var rules = Rules(atMost: 2)
    var now: ContinuousClock.Instant
    /// When each is late that has not ended.
    var open: [UInt64: ContinuousClock.Instant] = [:]
    var begun: UInt64 = 0

    mutating func follow(_ transition: (inout Rules) -> [Rules.Action?]) {
      for case .resume(let waiter, let result)? in transition(&rules) {
        let deadline = open.removeValue(forKey: UInt64(waiter) ?? 0)
        #expect(deadline != nil, "\(waiter) ended twice")
        guard let deadline, case .failure(let error) = result else { continue }
        #expect((error.reason == .timeout) == (deadline <= now))
      }
      #expect(rules.nextDeadline == open.values.min())
    }

    var next: [World] {
      var worlds: [World] = []
      func add(_ change: (inout World) -> Void) {
        var world = self
        change(&world)
        worlds.append(world)
      }
      for seconds in begun < 4 ? [1, 3] : [] {
        add { world in
          world.begun += 1
          let (call, deadline) = (world.begun, world.now + .seconds(seconds))
          let isOne = world.open.count < 2
          world.open[call] = deadline
          world.follow { [$0.begun(call, to: nodes[Int(call) % 2], by: "\(call)", until: deadline)] }
          #expect((world.open[call] != nil) == isOne)
        }
      }
      for call in 1..<begun + 1 {
        add { $0.follow { [$0.answered(reply(to: call), by: nodes[Int(call) % 2])] } }
        add { world in
          let open = world.open
          world.follow { [$0.answered(reply(to: call), by: nodes[Int(call + 1) % 2])] }
          #expect(world.open == open)
        }
        add { $0.follow { $0.cancelled(call) } }
        if call == begun { add { $0.follow { [$0.unconnected(call)] } } }
      }
      for node in nodes { add { $0.follow { $0.lost(node, because: RemoteCallError(.unreachable, "gone")) } } }
      add { world in
        world.now += .seconds(1)
        let now = world.now
        world.follow { $0.deadlinesDue(at: now) }
        #expect(world.open.values.allSatisfy { $0 > now })
      }
      return worlds
    }
  }

  @Test func inEveryOrderOfEventsEachCallEndsOnce() {
    var worlds = [World(now: start)]
    var seen = 0
    for _ in 0..<5 {
      worlds = worlds.flatMap(\.next)
      seen += worlds.count
    }
    #expect(seen > 5000)
    for var world in worlds {
      world.follow { $0.lost(nil, because: RemoteCallError(.unreachable, "this process leaves")) }
      #expect(world.open.isEmpty)
    }
  }
}
