import ActorCluster
import Testing
import WorkUnits

@testable import Coordinator

/// Who is left out, by which links are broken: without sockets.
struct LinkTableTests {
  private static let start = ContinuousClock.now
  private static let nodes = ["a", "b", "c", "d"].map { NodeID(name: $0, incarnation: 1) }

  private static func fault(_ from: NodeID, _ to: NodeID) -> LinkFault {
    LinkFault(
      from: from, to: TeamMember(node: to, endpoint: "tcp://127.0.0.1:9#\(String(repeating: "a", count: 64))"),
      cause: "nothing answered")
  }

  private static var pairs: [(NodeID, NodeID)] {
    nodes.indices.flatMap { one in nodes[(one + 1)...].map { (nodes[one], $0) } }
  }

  /// Every set of links broken, one after the other in every order of the workers' coming: those that are left reach each other,
  /// nobody is left out without need, and whoever is, says which link it is for.
  @Test func inEveryOrderThoseThatAreLeftReachEachOther() {
    for order in Self.nodes.permutations {
      for broken in 0..<(1 << Self.pairs.count) {
        var table = LinkTable()
        for (bit, pair) in Self.pairs.enumerated() where broken >> bit & 1 == 1 {
          table.failed(Self.fault(pair.0, pair.1), at: Self.start)
        }
        let out = table.leftOut(of: order)
        let left = order.filter { out[$0] == nil }
        #expect(!left.isEmpty)
        for one in left { for other in left where one != other { #expect(!table.isBroken(one, other)) } }
        for (node, fault) in out {
          #expect([fault.from, fault.to].contains(node) && table.isBroken(fault.from, fault.to))
          #expect(left.contains { table.isBroken($0, node) } || out.count > 1, "nobody is left out without need")
        }
      }
    }
  }

  @Test func whoLacksMostLinksLeavesAndOfEqualsWhoCameLast() {
    let (a, b, c) = (Self.nodes[0], Self.nodes[1], Self.nodes[2])
    var table = LinkTable()
    table.failed(Self.fault(a, b), at: Self.start)
    #expect(Set(table.leftOut(of: [a, b]).keys) == [b] && Set(table.leftOut(of: [b, a]).keys) == [a])
    // The first has an address that only means something on its own machine: the others do without it.
    table.failed(Self.fault(c, a), at: Self.start)
    #expect(Set(table.leftOut(of: [a, b, c]).keys) == [a])
    #expect(table.leftOut(of: [a, b, c])[a]?.description == "a can't reach b at tcp://127.0.0.1:9: nothing answered")
    table.mended(.init(b, a))
    table.mended(.init(a, c))
    #expect(table.leftOut(of: [a, b, c]).isEmpty)
  }

  @Test func aLinkThatBreaksAgainAndAgainIsTriedEverMoreRarely() {
    let (a, b) = (Self.nodes[0], Self.nodes[1])
    var table = LinkTable()
    var now = Self.start
    var waits: [Duration] = []
    for _ in 0..<12 {
      table.failed(Self.fault(a, b), at: now)
      var wait = Duration.zero
      while table.due(at: now + wait).isEmpty { wait += .seconds(1) }
      waits.append(wait)
      now += wait
      table.mended(.init(a, b))
    }
    #expect(waits.prefix(3) == [.seconds(2), .seconds(4), .seconds(8)] && waits.last == LinkTable.mostPatience)
    // Another process is another matter.
    table.lost(b)
    table.failed(Self.fault(a, b), at: now)
    #expect(table.due(at: now + LinkTable.patience).count == 1)
  }

  @Test func aLinkThatBreaksUnderEveryRoundThoughItIsWholeWhenItIsTriedIsBroken() {
    let (a, b) = (Self.nodes[0], Self.nodes[1])
    var table = LinkTable()
    // For a moment: the round is done the next time.
    for _ in 0..<3 {
      table.held(Self.fault(a, b), at: Self.start)
      #expect(!table.isBroken(a, b))
      table.carried([a, b])
    }
    table.held(Self.fault(a, b), at: Self.start)
    // By one of the two and others: that says nothing of the link.
    table.carried([a])
    table.held(Self.fault(b, a), at: Self.start)
    #expect(table.isBroken(a, b))
    // Who tries it finds it whole, so that it is used again; until it carries a round, once is enough.
    table.mended(.init(a, b))
    table.held(Self.fault(a, b), at: Self.start)
    #expect(table.isBroken(a, b) && table.due(at: Self.start + LinkTable.patience).isEmpty)
    table.mended(.init(a, b))
    table.carried([a, b])
    table.held(Self.fault(a, b), at: Self.start)
    #expect(!table.isBroken(a, b))
    // Another process is another matter.
    table.lost(b)
    table.held(Self.fault(a, b), at: Self.start)
    #expect(!table.isBroken(a, b))
  }
}

/// Workers that can't be made ready: when the others wait for them.
struct SetbacksTests {
  @Test func whoFailsAgainAndAgainIsWaitedForEverMoreRarely() {
    var setbacks = Setbacks()
    var now = ContinuousClock.now
    var waits: [Duration] = []
    for _ in 0..<12 {
      setbacks.failed("a", because: "its connection broke", at: now)
      var wait = Duration.zero
      while setbacks.isLeftAlone("a", at: now + wait) { wait += .seconds(1) }
      waits.append(wait)
      now += wait
      #expect(!setbacks.isLeftAlone("b", at: now))
    }
    #expect(waits.prefix(4) == [.zero, .seconds(2), .seconds(4), .seconds(8)] && waits.last == LinkTable.mostPatience)
    setbacks.succeeded("a")
    setbacks.failed("a", because: "its connection broke", at: now)
    #expect(!setbacks.isLeftAlone("a", at: now) && setbacks.all["a"]?.count == 1)
  }
}

/// A worker whose heart beats: when it is alive, and when not.
struct WorkerPulseTests {
  private let start = ContinuousClock.now

  @Test func aThreadThatUsesNoProcessorTimeHangsAndASlowOneDoesNot() {
    var (hanging, slow, idle, paused) = (
      WorkerPulse(at: start), WorkerPulse(at: start), WorkerPulse(at: start), WorkerPulse(at: start)
    )
    for second in 1...11 {
      let now = start + .seconds(second)
      hanging.heard(isComputing: true, processorSeconds: 3, at: now)
      slow.heard(isComputing: true, processorSeconds: 0.01 * Double(second), at: now)
      idle.heard(isComputing: false, processorSeconds: 3, at: now)
      // It stood still as a whole, as when it was stopped: that is no hanging thread.
      if second == 1 || second == 11 { paused.heard(isComputing: true, processorSeconds: 3, at: now) }
      #expect(slow.objection == nil && idle.objection == nil && paused.objection == nil)
      if second < 11 { #expect(hanging.objection == nil) }
    }
    hanging.heard(isComputing: true, processorSeconds: 3, at: start + .seconds(12))
    #expect(hanging.objection?.contains("has computed nothing for 11 s") == true, "\(hanging.objection ?? "-")")
  }

  @Test func whoDoesNotAnswerThoughItsHeartBeatsIsOfNoUse() {
    var pulse = WorkerPulse(at: start)
    for _ in 1..<WorkerPulse.mostMissed { pulse.missed(isAlive: true) }
    #expect(pulse.objection == nil)
    // Who is silent altogether is the failure detector's.
    pulse.missed(isAlive: false)
    #expect(pulse.objection == nil)
    for _ in 1...WorkerPulse.mostMissed { pulse.missed(isAlive: true) }
    #expect(pulse.objection?.contains("5 times in a row") == true)
    pulse.heard(isComputing: false, processorSeconds: 0, at: start + .seconds(1))
    #expect(pulse.objection == nil)
  }
}

extension Array {
  /// All orders of the elements.
  fileprivate var permutations: [[Element]] {
    guard let last else { return [[]] }
    return Array(dropLast()).permutations.flatMap { rest in
      (0...rest.count).map { place in
        var order = rest
        order.insert(last, at: place)
        return order
      }
    }
  }
}
