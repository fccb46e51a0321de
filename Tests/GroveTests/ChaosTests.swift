import Foundation
import Testing

/// `grove chaos` itself, for a few seconds.
@Suite(.serialized) struct ChaosTests {
  private func chaos(_ program: Program, _ faults: String) async throws -> Program.Ended {
    try await program(
      ["chaos", "--faults", faults, "--minutes", "0.15", "--every", "1.5", "--folder", "trial"]
        + SmallRun.settings(["cluster.failure_timeout_ms=1000", "cluster.heartbeat_ms=100"]))
  }

  @Test(arguments: ["kill,coordinator,pause", "delay,loss,cut", "hang,flood,log", "one-way,island"])
  func aDisturbedRunEndsInTheSameBits(_ faults: String) async throws {
    let program = try Program()
    let ended = try await chaos(program, faults)
    #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
    if ended.output.contains("left out") {
      print(ended.output)
      guard ended.output.contains("Undisturbed") else { return }
    }
    #expect(ended.output.contains("The same bits"), "\(ended.output)")
    let weights = try ["calm", "disturbed"].map {
      try program.json("trial/runs/\($0)/result.json")["weights_sha256"] as? String
    }
    #expect(weights[0] != nil && weights[0] == weights[1])
    #expect(try String(contentsOfFile: program.folder + "/trial/memory.svg", encoding: .utf8).contains("worker-1"))
    let hosts = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
    #expect(!hosts.contains { $0.hasPrefix("grove-chaos") })
  }

  /// A coordinator and four workers on five hosts, with keys; one link is late by 50 ms and loses 5 %.
  @Test func fiveHostsWithABadLinkEndInTheBitsOfOne() async throws {
    let program = try Program()
    let ended = try await program(["bench", "hosts", "--rounds", "3"] + SmallRun.settings(["overseer.steps=3"]))
    guard !ended.errors.contains("need network namespaces") else { return print(ended.errors) }
    #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
    #expect(ended.output.contains("5 hosts with keys") && ended.output.contains("The same bits as on one host"))
  }

  @Test func aTrialThatIsStoppedLeavesNoProcess() async throws {
    let program = try Program()
    let trial = try program.start(
      ["chaos", "--faults", "slow", "--minutes", "0.1", "--every", "0.5", "--folder", "trial"] + SmallRun.settings())
    #expect(await trial.line(containing: "slow") != nil)
    let children = trial.children
    #expect(children.count == 3)
    trial.signal(SIGTERM)
    let ended = await trial.ended()
    #expect(ended.status == 4 && ended.errors.contains("was stopped"), "\(ended.errors)")
    for child in children { await Running.gone(child) }
  }

  @Test(arguments: [
    (["--faults", "fire"], "there is no fault “fire”; there is kill, pause"), (["--minutes", "0"], "--minutes is 0"),
    (["--every", "0"], "--every is 0"),
  ])
  func whatMakesNoSenseIsRefused(_ arguments: [String], _ sentence: String) async throws {
    let ended = try await Program()(["chaos"] + arguments)
    #expect(ended.status == 2 && ended.errors.contains(sentence), "\(ended.errors)")
  }
}
