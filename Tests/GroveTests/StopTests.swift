import Chaos
import Foundation
import Testing

/// A run is asked to end while it is at something that takes long, or that never ends.
@Suite(.serialized) struct StopTests {
  @Test func aRunThatWaitsForPeopleStopsWithACheckpoint() async throws {
    let program = try Program()
    let address = try Program.freeAddress()
    let run = try program.start(
      SmallRun.arguments(
        "asked", workers: 2, "overseer.kind=human", "overseer.patience=0", "oversight.twice=0",
        "run.checkpoint_every=1000",
        "cluster.bind=\(address)") + ["--json"])
    #expect(await run.line(containing: "the run waits for people", ofErrors: true)?.contains("/desk") == true)
    func status(_ wanted: ([String: Any]) -> Bool) async throws -> Int {
      while true {
        guard let run = try await program.status(address)?["run"] as? [String: Any], wanted(run) else { continue }
        return run["round"] as? Int ?? 0
      }
    }
    _ = try await status { $0["phase"] as? String == "asking" }
    let review = try await program(
      "review", "asked", "--scripted", "--count", "12", "--coordinator", address)
    #expect(review.status == 0, "\(review.errors)")
    let round = try await status { $0["phase"] as? String == "asking" && $0["round"] as? Int ?? 0 >= 2 }
    // Who has nothing to do leaves at once, but for the last, who says what it waits for.
    let left = try await program("drain", "worker-2", "--coordinator", address)
    #expect(left.status == 0 && left.output.contains("worker-2 has left"), "\(left.output)\(left.errors)")
    let last = try await program("drain", "worker-1", "--coordinator", address)
    #expect(last.status == 0 && last.output.contains("The run waits for people: "), "\(last.output)\(last.errors)")
    let stopped = try await program("stop", "--coordinator", address)
    #expect(stopped.status == 0, "\(stopped.errors)")
    let ended = await run.ended()
    #expect(ended.status == 4, "\(ended.errors)")
    // Whoever reads only what it prints knows, too.
    let told = try #require(try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any])
    #expect(told["finished"] as? Bool == false && told["round"] as? Int == round, "\(told)")
    #expect(told["waits_for"] is String && (told["dashboard"] as? String)?.hasPrefix("http://") == true, "\(told)")
    #expect(told["why"] is String && told["name"] as? String == "asked", "\(told)")
    #expect(try program.checkpoints(of: "asked") == [round])
  }

  /// A unit of such a round takes longer than anybody waits for a run to end.
  @Test func aLongRoundIsGivenUpForACheckpointOfTheOneBefore() async throws {
    let cluster = try Cluster(
      workers: 1, "overseer.kind=scripted", "amplification.contexts=60", "run.checkpoint_every=1000",
      "amplification.questions=12", "distillation.steps=10000")
    try await cluster.round(atLeast: 1)
    let round = try await cluster.status { run, workers in
      run["round"] as? Int == 1 && (workers["worker-1"]?["work"] as? String)?.contains("training") == true
    }
    #expect(round.count == 1)
    cluster.coordinator.signal(SIGTERM)
    let ended = await cluster.coordinator.ended()
    #expect(ended.status == 4, "\(ended.errors)")
    #expect(try cluster.program.checkpoints(of: "disturbed") == [1])
  }

  @Test func withNobodyLeftItStopsAndSaysFromWhereItGoesOn() async throws {
    let cluster = try Cluster(workers: 1)
    try await cluster.round(atLeast: 7)
    cluster.workers["worker-1"]?.signal(SIGKILL)
    try await cluster.status { run, workers in run["phase"] as? String == "waiting" && workers.isEmpty }
    cluster.coordinator.signal(SIGTERM)
    let ended = await cluster.coordinator.ended()
    #expect(ended.status == 4 && ended.errors.contains("there is no checkpoint of round"), "\(ended.errors)")
    #expect(ended.errors.contains("goes on from the one before"), "\(ended.errors)")
  }

  /// A heart that beats says nothing of the rest.
  @Test func aWorkerWhoseComputingThreadHangsIsTakenOutAndEnds() async throws {
    let cluster = try Cluster(workers: 2)
    try await cluster.round(atLeast: 7)
    let hanging = try #require(cluster.workers["worker-1"])
    let frozen = try #require(await FrozenThread("compute", of: hanging.processID))
    // To be started again.
    #expect(await hanging.ended().status == 75)
    frozen.thaw()
    try cluster.startWorker("worker-1")
    try await cluster.status { _, workers in Cluster.isUp(workers["worker-1"]) && Cluster.isUp(workers["worker-2"]) }
    try await cluster.expectTheSameBits()
    #expect(await cluster.coordinator.ended().errors.contains("worker-1 has computed nothing for"))
  }

  @Test func aDeviceThatIsNotThereEndsTheRunWithASentence() async throws {
    let program = try Program()
    let run = try await program(SmallRun.arguments("nowhere", workers: 2, "model.device=cuda"))
    #expect(run.status == 1, "\(run.output)")
    #expect(run.errors.contains("can't do what the run asks") && run.errors.contains("cuda"), "\(run.errors)")
    // Nothing is left that would stand in the way of the corrected command.
    #expect(!FileManager.default.fileExists(atPath: program.folder + "/runs"))
    let worker = try Cluster(workers: 1, "model.device=cuda")
    #expect(await worker.workers["worker-1"]?.ended().status == 78)
    #expect(await worker.coordinator.ended().status == 1)
  }
}
