import ActorCluster
import Testing
import WorkUnits

@testable import Coordinator

private let (first, second) = (NodeID(name: "first", incarnation: 1), NodeID(name: "second", incarnation: 2))

/// The rules by which units are handed out, without a clock and without tasks.
struct UnitQueueStateMachineTests {
  private let start = ContinuousClock.now

  /// Everything that two workers can do with two units in so many events, in every order.
  private struct World {
    var ledger = UnitQueueStateMachine(count: 2)
    var now: ContinuousClock.Instant
    var held: [NodeID: [Int]] = [first: [], second: []]
    var results: [Int: NodeID] = [:]

    mutating func asks(_ worker: NodeID) {
      if case .work(let unit) = ledger.next(for: worker, at: now) {
        #expect(results[unit] == nil, "a unit that is done was handed out again")
        #expect(held[worker]?.contains(unit) == false, "a worker got a unit twice")
        held[worker]?.append(unit)
      }
    }

    mutating func finishes(_ unit: Int, _ worker: NodeID) {
      held[worker]?.removeAll { $0 == unit }
      let counts = ledger.finished(unit, by: worker, at: now)
      #expect(counts == (results[unit] == nil), "a unit has to count once")
      if counts { results[unit] = worker }
    }

    mutating func isLost(_ worker: NodeID) {
      for unit in held[worker] ?? [] { ledger.givenBack(unit, by: worker) }
      held[worker] = []
    }

    /// Whatever happened, a worker that goes on alone does all that is left.
    func expectNothingIsLost() {
      var world = self
      world.isLost(second)
      for _ in 0..<4 {
        world.asks(first)
        for unit in world.held[first] ?? [] { world.finishes(unit, first) }
      }
      #expect(world.ledger.isComplete && world.results.count == 2)
      let answer = world.ledger.next(for: first, at: world.now)
      #expect(answer == .done)
    }

    var next: [World] {
      var worlds: [World] = []
      func add(_ change: (inout World) -> Void) {
        var world = self
        change(&world)
        worlds.append(world)
      }
      for worker in [first, second] {
        add { $0.asks(worker) }
        for unit in held[worker] ?? [] { add { $0.finishes(unit, worker) } }
        if held[worker]?.isEmpty == false { add { $0.isLost(worker) } }
      }
      add { $0.now = $0.now.advanced(by: .seconds(1)) }
      return worlds
    }
  }

  @Test func inEveryOrderOfEventsEachUnitIsDoneOnce() {
    var worlds = [World(now: start)]
    var seen = 0
    for _ in 0..<7 {
      worlds = worlds.flatMap(\.next)
      seen += worlds.count
      for world in worlds { world.expectNothingIsLost() }
    }
    #expect(seen > 10_000)
  }

  @Test func aLateUnitIsGivenToASecondWorkerToo() {
    var ledger = UnitQueueStateMachine(count: 3)
    func expect(_ worker: NodeID, after seconds: Int, _ answer: UnitQueueStateMachine.Answer) {
      let got = ledger.next(for: worker, at: start + .seconds(seconds))
      #expect(got == answer, "after \(seconds) s")
    }
    func finish(_ unit: Int, _ worker: NodeID, after seconds: Int, counts: Bool = true) {
      let first = ledger.finished(unit, by: worker, at: start + .seconds(seconds))
      #expect(first == counts)
    }
    expect(first, after: 0, .work(0))
    expect(second, after: 0, .work(1))
    expect(second, after: 0, .work(2))
    // Nothing is done yet to compare with.
    expect(second, after: 9, .wait(until: nil))
    finish(1, second, after: 10)
    finish(2, second, after: 10)
    expect(second, after: 11, .wait(until: start + .seconds(10 * UnitQueueStateMachine.late)))
    expect(second, after: 10 * UnitQueueStateMachine.late, .work(0))
    // Neither of the two gets it again, and a third does not either.
    expect(second, after: 1000, .wait(until: nil))
    expect(NodeID(name: "third"), after: 1000, .wait(until: nil))
    finish(0, second, after: 1001)
    finish(0, first, after: 1002, counts: false)
  }
}

struct UnitQueueTests {
  private struct Number: WorkUnit {
    static let name = "number"
    let number: Int
    func objection(to result: String, by rules: ResultRules) -> String? { nil }
  }

  private func queue(_ count: Int) -> UnitQueue<Number> { UnitQueue((0..<count).map { Number(number: $0) }) }

  @Test func resultsComeInTheOrderOfTheUnits() async {
    let queue = queue(3)
    while let (index, unit) = await queue.next(for: first) {
      await queue.finish(index, "\(unit.number)", by: first)
      if index == 0 { #expect(await queue.all == nil) }
    }
    #expect(await queue.all == ["0", "1", "2"])
  }

  @Test func aUnitThatIsGivenBackGoesToTheNext() async throws {
    let queue = queue(1)
    let (index, _) = try #require(await queue.next(for: first))
    async let other = queue.next(for: second)
    await queue.giveBack(index, by: first)
    #expect(await other?.index == index)
    await queue.finish(index, "done", by: second)
    #expect(await queue.all == ["done"])
  }

  @Test func aLateSecondResultIsDropped() async throws {
    let queue = queue(1)
    let (index, _) = try #require(await queue.next(for: first))
    await queue.finish(index, "first", by: first)
    await queue.finish(index, "second", by: second)
    await queue.giveBack(index, by: second)
    #expect(await queue.all == ["first"])
    #expect(await queue.next(for: first) == nil)
  }

  @Test func whoWaitsForALateUnitGetsIt() async throws {
    let queue = queue(2)
    let (slow, _) = try #require(await queue.next(for: first))
    let (fast, _) = try #require(await queue.next(for: second))
    await queue.finish(fast, "fast", by: second)
    #expect(await queue.next(for: second)?.index == slow)
  }

  @Test func whoWaitsIsLetGo() async throws {
    let queue = queue(1)
    _ = await queue.next(for: first)
    async let waiting = queue.next(for: second)
    await queue.abandon()
    #expect(await waiting == nil)
  }
}
