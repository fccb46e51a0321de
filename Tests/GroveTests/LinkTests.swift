import Foundation
import Testing

/// Workers that are members, but can't all reach each other: a coordinator and workers on hosts of their own.
@Suite(.serialized) struct LinkTests {
  private static let settings = [
    "cluster.failure_timeout_ms=2000", "cluster.heartbeat_ms=100", "security.without_keys=everybody may connect",
  ]

  /// A run on several hosts.
  private final class Hosts {
    let program: Program
    let network: Network
    let coordinator: Running
    var workers: [Running] = []
    private let settings: [String]
    /// It goes on until what is to happen has happened.
    private static let endless = ["--set", "run.rounds=100000"]

    /// - Parameter local: workers that the run starts itself, beside the coordinator.
    init(_ hosts: Int, local: Int = 0) async throws {
      program = try Program()
      network = try await Network(hosts: hosts)
      settings = SmallRun.settings(LinkTests.settings)
      let command = local > 0 ? ["run", "--workers", "\(local)"] : ["coordinator"]
      coordinator = try program.start(
        command + ["--name", "disturbed"] + settings + Self.endless + ["--set", "cluster.bind=tcp://0.0.0.0:5570"],
        on: 0, of: network)
    }

    func worker(_ name: String, on host: Int, to address: String = "\(Network.address(0))", limit: Int? = nil) throws {
      workers.append(
        try program.start(
          ["worker", "--name", name, "--coordinator", "tcp://\(address):5570"] + settings, on: host, of: network,
          limit: limit))
    }

    /// Looks at the status until it is as wanted. - Returns: the warnings in it.
    @discardableResult func status(
      _ wanted: (_ round: Int, _ workers: [String: [String: Any]]) -> Bool
    ) async throws -> [String] {
      while true {
        let ended = try await program.start(
          ["status", "--json", "--coordinator", "tcp://127.0.0.1:5570"], on: 0, of: network
        )
        .ended()
        guard let status = try? JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any],
          let run = status["run"] as? [String: Any], let list = status["workers"] as? [[String: Any]]
        else {
          try #require(coordinator.isRunning, "the run ended before its status was as wanted")
          continue
        }
        let workers = Dictionary(list.map { ($0["id"] as? String ?? "", $0) }, uniquingKeysWith: { first, _ in first })
        guard wanted(run["round"] as? Int ?? 0, workers) else { continue }
        let warnings = status["warnings"] as? [[String: Any]] ?? []
        return warnings.map { "\($0["what"] ?? "") \($0["remedy"] ?? "")" }
      }
    }

    /// Whether a worker, as the status tells, works with the others.
    static func works(_ worker: [String: Any]?) -> Bool {
      worker?["state"] as? String == "up" && (worker?["model_version"] as? Int ?? 0) > 0
    }

    /// Ends the run, of which the bits are those of a run on one host. - Returns: what the coordinator logged.
    func expectTheSameBits() async throws -> String {
      coordinator.signal(SIGTERM)
      let ended = await coordinator.ended()
      for worker in workers { _ = await worker.ended() }
      try await network.remove()
      try await program.expectTheSameBits(of: "disturbed", settings)
      return ended.errors
    }
  }

  private func hosts(_ count: Int, local: Int = 0) async throws -> Hosts? {
    guard try await Network.isPossible() else {
      print("Links between hosts are not tested: only root may make network namespaces.")
      return nil
    }
    return try await Hosts(count, local: local)
  }

  /// The worker beside the coordinator joins by an address that leads to itself on any other machine. The others can't reach
  /// it, but it can reach them; it is told what to say.
  @Test(arguments: ["127.0.0.1", "127.0.1.1"])
  func aWorkerThatIsAtHomeOnlyTrainsWithTheOthersAndIsTold(_ home: String) async throws {
    guard let hosts = try await hosts(3) else { return }
    try hosts.worker("local", on: 0, to: home)
    try hosts.worker("far-1", on: 1)
    try hosts.worker("far-2", on: 2)
    let warnings = try await hosts.status { round, workers in
      round >= 20 && ["local", "far-1", "far-2"].allSatisfy { Hosts.works(workers[$0]) }
    }
    #expect(
      warnings.contains { $0.contains("local") && $0.contains("tcp://127.0.") && $0.contains("--advertise") },
      "\(warnings)")
    #expect(await hosts.workers[0].line(containing: "--advertise", ofErrors: true) != nil)
    _ = try await hosts.expectTheSameBits()
  }

  @Test func aRunWithAWorkerOfItsOwnIsJoinedFromAnotherHost() async throws {
    guard let hosts = try await hosts(2, local: 1) else { return }
    try hosts.worker("far", on: 1)
    try await hosts.status { _, workers in Hosts.works(workers["far"]) && Hosts.works(workers["worker-1"]) }
    _ = try await hosts.expectTheSameBits()
  }

  /// A host that lets no new connection in, and one behind an address translation: they can connect to the others.
  @Test(arguments: [
    "iptables -A INPUT -p tcp --syn -j DROP",
    "iptables -t nat -A POSTROUTING -j MASQUERADE && iptables -A INPUT -m conntrack --ctstate NEW -j REJECT",
  ])
  func whoCanOnlyConnectTrainsWithTheOthers(_ wall: String) async throws {
    guard let hosts = try await hosts(3) else { return }
    try hosts.worker("one", on: 0)
    try hosts.worker("two", on: 1)
    try await hosts.status { round, _ in round >= 5 }
    let built = try await hosts.network.shell(on: 2, wall)
    try #require(built.status == 0, "\(built.errors)")
    try hosts.worker("walled", on: 2)
    try await hosts.status { _, workers in ["one", "two", "walled"].allSatisfy { Hosts.works(workers[$0]) } }
    _ = try await hosts.expectTheSameBits()
  }

  /// It can't be reached, nor reach others than the coordinator: the others go on without it until it can.
  @Test func whoReachesTheCoordinatorAloneIsCutOffUntilItReachesTheOthers() async throws {
    guard let hosts = try await hosts(3) else { return }
    try hosts.worker("one", on: 0)
    try hosts.worker("two", on: 1)
    try await hosts.status { round, _ in round >= 5 }
    try await hosts.network.shell(
      on: 2,
      "iptables -A INPUT -p tcp --syn -j DROP; iptables -A OUTPUT -p tcp --syn ! --dport 5570 -j DROP")
    try hosts.worker("third", on: 2)
    var round = 0
    let warnings = try await hosts.status { now, workers in
      round = now
      return workers["third"]?["state"] as? String == "cut off"
    }
    let sentence = "third is cut off, and the others go on without it: third can't reach"
    #expect(warnings.contains { $0.contains(sentence) && $0.contains("tcp://10.88.0.") }, "\(warnings)")
    #expect(await hosts.workers[2].line(containing: "third is cut off", ofErrors: true) != nil)
    try await hosts.status { now, workers in now > round + 5 && Hosts.works(workers["one"]) }
    try await hosts.network.shell(on: 2, "iptables -F")
    try await hosts.status { _, workers in Hosts.works(workers["third"]) }
    let log = try await hosts.expectTheSameBits()
    #expect(log.contains("can be reached by the others again"))
    // The others never waited for it.
    #expect(!log.contains("is trained anew"), "\(log)")
  }

  /// Two that work together are cut apart in the middle of a run; of equals, who came last is left out.
  @Test func twoThatAreCutApartGoOnWithoutOneOfThem() async throws {
    guard let hosts = try await hosts(3) else { return }
    try hosts.worker("one", on: 1)
    try await hosts.status { round, _ in round >= 5 }
    try hosts.worker("two", on: 2)
    try await hosts.status { _, workers in Hosts.works(workers["one"]) && Hosts.works(workers["two"]) }
    try await hosts.network.shell(on: 1, "iptables -A INPUT -s \(Network.address(2)) -j DROP")
    var round = 0
    try await hosts.status { now, workers in
      round = now
      return workers["two"]?["state"] as? String == "cut off"
    }
    try await hosts.status { now, workers in now > round + 5 && Hosts.works(workers["one"]) }
    try await hosts.network.shell(on: 1, "iptables -F")
    try await hosts.status { _, workers in Hosts.works(workers["two"]) }
    let log = try await hosts.expectTheSameBits()
    #expect(log.contains("two is cut off") && log.contains("can't reach"), "\(log)")
  }

  /// As where a tunnel is narrower than both ends believe, and nobody is told: they greet each other, and no gradient arrives;
  /// or they join, and are lost when they are told what to do, again and again.
  @Test func whereOnlySmallPacketsPassTheOthersGoOn() async throws {
    guard let hosts = try await hosts(3) else { return }
    try hosts.worker("one", on: 1)
    try await hosts.status { round, _ in round >= 5 }
    try hosts.worker("two", on: 2)
    for (other, sentence) in [(1, "not all that a round sends arrives"), (0, "two could not be made ready, 2 times")] {
      try await hosts.status { _, workers in Hosts.works(workers["one"]) && Hosts.works(workers["two"]) }
      let address = Network.address(other)
      try await hosts.network.shell(
        on: 2,
        "for way in 'INPUT -s' 'OUTPUT -d'; do iptables -A $way \(address) -m length --length 1000: -j DROP; done")
      var round = 0
      while try await !hosts.status({ now, _ in
        round = now
        return true
      }).contains(where: { $0.contains(sentence) }) {}
      try await hosts.status { now, workers in now > round + 5 && Hosts.works(workers["one"]) }
      try await hosts.network.shell(on: 2, "iptables -F")
    }
    try await hosts.status { _, workers in Hosts.works(workers["two"]) }
    _ = try await hosts.expectTheSameBits()
  }

  @Test func workersThatRunOutOfDescriptorsHoldUpNobody() async throws {
    guard let hosts = try await hosts(1) else { return }
    for number in 1...8 { try hosts.worker("worker-\(number)", on: 0, limit: 50) }
    try await hosts.status { round, _ in round >= 20 }
    _ = try await hosts.expectTheSameBits()
  }
}
