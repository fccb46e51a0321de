import Distributed
import Testing
import ZeroMQ

@testable import ActorCluster

@Suite(.timeLimit(.minutes(2)))
struct CallTests {
  @Test func valuesComeBack() async throws {
    try await Pair.with { pair in
      #expect(try await pair.echo.echo(42) == 42)
      #expect(try await pair.echo.echo(items: [1, -2, 3]) == [1, -2, 3])
      let numbers = (0..<300_000).map(Float.init)
      let back = try await pair.echo.echo(bulk: Bulk(numbers), label: nil)
      #expect(back.elements(Float.self) == numbers)
    }
  }

  @Test func theCalleesErrorComesBackAsItself() async throws {
    try await Pair.with { pair in
      await #expect(throws: Rejected(reason: "no")) { try await pair.echo.reject("no") }
    }
  }

  @Test func aMethodOutsideTheProtocolIsRefused() async throws {
    try await Pair.with { pair in
      let direct = try Echo.resolve(id: pair.echo.id, using: pair.caller)
      let error = await #expect(throws: RemoteCallError.self) { try await direct.secret() }
      #expect(error?.reason == .refused)
    }
  }

  @Test func anUnknownActorIsRefused() async throws {
    try await Pair.with { pair in
      let nobody = try $EchoNode<ClusterSystem>.resolve(
        id: .init(node: pair.echo.id.node, name: "nobody"), using: pair.caller)
      let error = await #expect(throws: RemoteCallError.self) { try await nobody.echo(1) }
      #expect(error?.reason == .refused)
    }
  }

  @Test(arguments: ["ipc:///tmp/\(String(repeating: "long", count: 40))", "tcp://a b:1", "nothing"])
  func whatIsNoAddressIsSaidAtOnce(_ address: String) async throws {
    let system = try ClusterSystem(.init(name: "one", role: "worker", bind: nil))
    let error = await #expect(throws: RemoteCallError.self) {
      try await system.connect(to: address, timeout: .seconds(600))
    }
    #expect(error?.reason == .refused && error?.explanation.contains(address) == true, "\(error?.explanation ?? "")")
    await system.shutdown()
  }

  @Test func aDeadlineEndsACall() async throws {
    try await Pair.with { pair in
      let error = await #expect(throws: RemoteCallError.self) {
        try await RemoteCall.with(timeout: .milliseconds(50)) { try await pair.echo.waitForever() }
      }
      #expect(error?.reason == .timeout)
    }
  }

  @Test func cancellingTheCallerCancelsTheCallee() async throws {
    let (waiting, continuation) = AsyncStream.makeStream(of: Void.self)
    try await Pair.with(waiting: continuation) { pair in
      var steps = waiting.makeAsyncIterator()
      let echo = pair.echo
      let call = Task { try await echo.waitForever() }
      _ = await steps.next()
      call.cancel()
      let error = await #expect(throws: RemoteCallError.self) { try await call.value }
      #expect(error?.reason == .cancelled)
      _ = await steps.next()
      let cancelled = try await pair.echo.cancelled()
      #expect(cancelled == 1)
    }
  }

  @Test func aNodeThatLeavesEndsItsCalls() async throws {
    let (waiting, continuation) = AsyncStream.makeStream(of: Void.self)
    try await Pair.with(waiting: continuation) { pair in
      var steps = waiting.makeAsyncIterator()
      let echo = pair.echo
      let call = Task { try await echo.waitForever() }
      _ = await steps.next()
      await pair.callee.shutdown()
      let error = await #expect(throws: RemoteCallError.self) { try await call.value }
      #expect(error?.reason == .unreachable)
    }
  }

  /// A reply that anybody could send would end a call with what nobody computed.
  @Test func aStrangersReplyEndsNoCall() async throws {
    let (waiting, continuation) = AsyncStream.makeStream(of: Void.self)
    try await Pair.with { pair in
      let waits = Echo(actorSystem: pair.caller, waiting: continuation)
      pair.caller.export(waits, as: "waits", answering: [(any EchoNode).self])
      let remote = try $EchoNode<ClusterSystem>.resolve(
        id: .init(node: pair.caller.node, name: "waits"), using: pair.callee)
      var steps = waiting.makeAsyncIterator()
      let call = Task { try await remote.waitForever() }
      _ = await steps.next()
      let stranger = try Socket(.dealer, in: ZeroMQContext())
      let node = NodeID(name: "stranger")
      try stranger.setRoutingID(node.description)
      try stranger.connect(pair.callee.endpoint)
      for number in 0..<10 { _ = try stranger.send(Envelope.nothing(call: UInt64(number))) }
      // What it says last is refused when all before has been heard.
      let hello = Hello(
        node: node, endpoint: "", fingerprint: "other", role: "test", host: "here", processID: 7)
      _ = try stranger.send(Envelope.plain(.hello(hello)))
      while true {
        if let message = try stranger.receive(), case .plain(.refusal) = try Envelope(message) { break }
        await Task.yield()
      }
      call.cancel()
      let error = await #expect(throws: RemoteCallError.self) { try await call.value }
      #expect(error?.reason == .cancelled)
      _ = await steps.next()
      withExtendedLifetime(waits) {}
    }
  }

  @Test func manyCallsAtOnceAllEnd() async throws {
    try await Pair.with { pair in
      let echo = pair.echo
      let sum = try await withThrowingTaskGroup(of: Int.self) { group in
        for value in 0..<1000 { group.addTask { try await echo.echo(value) } }
        return try await group.reduce(0, +)
      }
      #expect(sum == 999 * 1000 / 2)
    }
  }

  @Test func anotherBuildIsRefusedWithBothVersions() async throws {
    var configuration = ClusterSystem.Configuration(name: "old", role: "test", bind: "tcp://127.0.0.1:*")
    configuration.fingerprint = "build-a"
    let callee = try ClusterSystem(configuration)
    configuration = .init(name: "new", role: "test")
    configuration.fingerprint = "build-b"
    let caller = try ClusterSystem(configuration)
    let error = await #expect(throws: RemoteCallError.self) { _ = try await caller.connect(to: callee.endpoint) }
    #expect(error?.reason == .refused)
    #expect(error?.explanation.contains("build-a") == true && error?.explanation.contains("build-b") == true)
    await caller.shutdown()
    await callee.shutdown()
  }

  /// A new connection is noticed at once, not when a node next looks up for its signs of life: there are none here.
  @Test func connectionsNeedNoSignOfLife() async throws {
    func node(_ name: String, bind: String?) throws -> ClusterSystem {
      var configuration = ClusterSystem.Configuration(name: name, role: "test", bind: bind)
      configuration.heartbeat = .seconds(3600)
      configuration.failureTimeout = .seconds(7200)
      return try ClusterSystem(configuration)
    }
    let caller = try node("caller", bind: nil)
    for number in 1...8 {
      // While this one begins to listen, the caller falls asleep.
      let callee = try node("callee-\(number)", bind: "tcp://127.0.0.1:*")
      #expect(try await caller.connect(to: callee.endpoint) == callee.node)
      await callee.shutdown()
    }
    await caller.shutdown()
  }

  @Test func nothingListening() async throws {
    let caller = try ClusterSystem(.init(name: "lonely", role: "test"))
    let error = await #expect(throws: RemoteCallError.self) {
      _ = try await caller.connect(to: "tcp://127.0.0.1:1", timeout: .milliseconds(100))
    }
    #expect(error?.reason == .unreachable)
    await caller.shutdown()
  }
}

struct CallMetersTests {
  @Test func methodsAreKnownByTheirMangledNames() {
    #expect(CallMeters.methodName(in: "$s9WorkUnits11$WorkerNodeC4growyAA10GrownShardVAA04TreeG0VYaKFTE") == "grow")
    for other in ["", "$s", "$s9Work", "$s9WorkUnits11$WorkerNodeV4grow", "$s999999999999999999999x", "x3abc"] {
      #expect(CallMeters.methodName(in: other) == nil)
    }
  }
}
