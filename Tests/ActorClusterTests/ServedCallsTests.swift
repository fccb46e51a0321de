import Testing
import ZeroMQ

@testable import ActorCluster

private typealias Rules = ServedCalls.StateMachine<String, String>
private typealias Call = ServedCalls.Call

private let target = "$s17ActorClusterTests9$EchoNodeC4echoy"
private let callers = [NodeID(name: "ada"), NodeID(name: "bob")]

/// Eight calls at a time, two of them of one caller, and so many a second.
private func rules(perSecond: Int = 1000) -> Rules {
  var rules = Rules(of: "me", nil, atMost: 8, perSecond: perSecond)
  rules.exported("an echo", as: "echo", answering: TargetTable([(any EchoNode).self]), to: nil)
  return rules
}

extension Rules {
  /// What becomes of a request: whom it is for, or why not.
  fileprivate mutating func request(
    _ number: UInt64, of caller: Caller = Caller(node: callers[0], key: nil), _ actor: String = "echo",
    _ method: String = target, at now: ContinuousClock.Instant
  ) -> String {
    switch requested(Request(call: number, actor: actor, target: method), of: caller, at: now) {
    case .success(let callee): callee
    case .failure(let error): "\(error.reason), \(error)"
    }
  }
}

/// Which calls a node serves, without a socket or a clock.
struct ServedCallsTests {
  private let now = ContinuousClock.now
  private var calls = rules()

  @Test mutating func onlyWhatIsExportedCanBeCalled() {
    #expect(calls.request(1, at: now) == "an echo" && calls.callee(named: "echo") == "an echo")
    #expect(calls.request(2, "nobody", at: now) == "refused, me has no actor named “nobody”")
    #expect(calls.request(3, "echo", "$s1x", at: now) == "refused, echo of me has no such method “$s1x”")
    #expect(calls.stopped().isEmpty)
    #expect(calls.request(4, at: now) == "refused, me has no actor named “echo”" && calls.callee(named: "echo") == nil)
  }

  @Test mutating func onlyWhoseKeyIsForItMayCall() throws {
    let (key, other) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
    func keyring(_ admitted: CurveKey?) -> Keyring {
      Keyring(key, server: nil) { $0 == admitted ? .init(name: "ada", roles: ["client"]) : nil }
    }
    calls.keyring = keyring(key.publicKey)
    let protocols = TargetTable([(any EchoNode).self])
    calls.exported("an echo of clients", as: "theirs", answering: protocols, to: ["client", "admin"])
    calls.exported("a vault", as: "vault", answering: protocols, to: ["coordinator", "admin"])
    let ada = Caller(node: callers[0], key: key.publicKey)
    #expect(calls.request(1, of: ada, "theirs", at: now) == "an echo of clients")
    #expect(
      calls.request(2, of: ada, "vault", at: now)
        == "refused, ada may not call vault of me: that is for the roles admin, coordinator")
    let bob = Caller(node: callers[1], key: other.publicKey)
    #expect(calls.request(3, of: bob, "theirs", at: now) == "unreachable, the key of bob was revoked")
    calls.keyring = keyring(nil)
    #expect(calls.request(4, of: ada, "theirs", at: now) == "unreachable, the key of ada was revoked")
    // What is for every member is so for a moment longer.
    #expect(calls.request(5, of: ada, at: now) == "an echo")
  }

  @Test mutating func oneCallerLeavesPlacesToOthers() {
    let bob = Caller(node: callers[1], key: nil)
    for number in 1...2 { #expect(calls.request(UInt64(number), at: now) == "an echo") }
    #expect(calls.request(3, at: now) == "overloaded, ada makes more than 2 calls at a time to me")
    #expect(calls.request(3, of: bob, at: now) == "an echo")
    calls.ended(Call(caller: callers[0], number: 1))
    #expect(calls.request(4, at: now) == "an echo")
  }

  @Test mutating func oneCallerIsServedSoManyASecond() {
    calls = rules(perSecond: 1)
    #expect(calls.request(1, at: now) == "an echo")
    #expect(calls.request(2, at: now) == "overloaded, ada makes more than 1 calls a second to me")
    #expect(calls.request(3, at: now + .seconds(1)) == "an echo")
    // Who comes back begins anew.
    calls.lost(callers[0])
    #expect(calls.request(4, at: now + .seconds(1)) == "an echo")
  }

  @Test mutating func soManyInAll() {
    for number in 0..<8 {
      let caller = Caller(node: NodeID(name: "n\(number / 2)"), key: nil)
      #expect(calls.request(UInt64(number), of: caller, at: now) == "an echo")
    }
    #expect(calls.request(9, at: now) == "overloaded, me already serves 8 calls")
  }

  @Test mutating func whatIsCancelledBeforeItsJobIsThereIsCancelledThen() {
    let call = Call(caller: callers[0], number: 1)
    _ = calls.request(1, at: now)
    #expect(calls.cancelled(call) == nil && calls.started("job", as: call) == "job")
    // A job that is told twice is cancelled all the same.
    #expect(calls.cancelled(call) == "job")
    calls.ended(call)
    #expect(calls.cancelled(call) == nil && calls.started("job", as: call) == nil)
  }

  private struct World {
    var rules = ActorClusterTests.rules()
    var numbers: UInt64 = 0
    /// Those that are served, and whether they have a job.
    var served: [UInt64: Bool] = [:]
    var cancelled: Set<UInt64> = []
    var told: Set<UInt64> = []
    var isStopped = false

    private func call(_ number: UInt64) -> Call { Call(caller: callers[Int(number) % 2], number: number) }

    mutating func tell(_ job: String?) {
      guard let job, let number = UInt64(job) else { return }
      #expect(served[number] == true, "there is no such job")
      told.insert(number)
    }

    mutating func request(at now: ContinuousClock.Instant) {
      numbers += 1
      let number = numbers
      let answer = rules.request(number, of: Caller(node: call(number).caller, key: nil), at: now)
      let ofTheSame = served.keys.filter { $0 % 2 == number % 2 }.count
      #expect((answer == "an echo") == (ofTheSame < 2 && !isStopped))
      if answer == "an echo" { served[number] = false }
    }

    func next(at now: ContinuousClock.Instant) -> [World] {
      var worlds: [World] = []
      func add(_ change: (inout World) -> Void) {
        var world = self
        change(&world)
        worlds.append(world)
      }
      if numbers < 4 { add { $0.request(at: now) } }
      for number in 1..<numbers + 1 {
        add { world in
          world.tell(world.rules.cancelled(call(number)))
          if world.served[number] != nil { world.cancelled.insert(number) }
        }
        if served[number] == false {
          add { world in
            world.served[number] = true
            world.tell(world.rules.started("\(number)", as: call(number)))
          }
        }
        if served[number] == true {
          add { world in
            world.rules.ended(call(number))
            world.served[number] = nil
          }
        }
      }
      if !isStopped {
        add { world in
          world.isStopped = true
          world.cancelled.formUnion(world.served.keys)
          for job in world.rules.stopped() { world.tell(job) }
        }
      }
      return worlds
    }

    /// Whoever was cancelled has been told, once there was a job to be told.
    func expectWhatHolds() {
      #expect(told.isSubset(of: cancelled))
      for (number, hasJob) in served where hasJob && cancelled.contains(number) { #expect(told.contains(number)) }
    }
  }

  @Test func inEveryOrderOfEventsWhatIsCancelledIsToldAndPlacesAreGivenBack() {
    var worlds = [World()]
    var seen = 0
    for _ in 0..<6 {
      worlds = worlds.flatMap { $0.next(at: now) }
      seen += worlds.count
      for world in worlds { world.expectWhatHolds() }
    }
    #expect(seen > 3000)
  }
}
