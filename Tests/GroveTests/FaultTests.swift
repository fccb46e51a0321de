import Chaos
import Foundation
import Reference
import Testing

/// A coordinator and workers, each a process of its own, to which things happen; in the end the bits are the same.
@Suite(.serialized) struct FaultTests {
  @Test func withNoWorkerLeftTheRunWaitsAndSaysSo() async throws {
    let cluster = try Cluster(workers: 2)
    try await cluster.round(atLeast: 7)
    for worker in cluster.workers.values { worker.signal(SIGKILL) }
    try await cluster.status { run, workers in run["phase"] as? String == "waiting" && workers.isEmpty }
    let text = try await cluster.program("status", "--coordinator", cluster.address)
    #expect(text.status == 3 && text.output.contains("no worker is there") && text.output.contains("grove worker"))
    try cluster.startWorker("worker-3")
    try await cluster.status { _, workers in Cluster.isUp(workers["worker-3"]) }
    try await cluster.expectTheSameBits()
  }

  @Test func aWorkerThatStoodStillIsDownAndComesBack() async throws {
    let cluster = try Cluster(workers: 2)
    try await cluster.round(atLeast: 7)
    cluster.workers["worker-1"]?.signal(SIGSTOP)
    try await cluster.status { _, workers in workers["worker-1"] == nil && Cluster.isUp(workers["worker-2"]) }
    cluster.workers["worker-1"]?.signal(SIGCONT)
    try await cluster.status { _, workers in Cluster.isUp(workers["worker-1"]) }
    try await cluster.expectTheSameBits()
  }

  @Test func ofTwoOfOneNameTheOlderEndsAndSaysWhy() async throws {
    let cluster = try Cluster(workers: 2)
    try await cluster.round(atLeast: 7)
    let older = try #require(cluster.workers["worker-1"])
    let newer = try cluster.startWorker("worker-1")
    let ended = await older.ended()
    #expect(ended.status == 1, "\(ended.errors)")
    #expect(
      ended.errors.contains("its place was taken by another worker-1, started later (process \(newer.processID)"),
      "\(ended.errors)")
    try await cluster.status { _, workers in Cluster.isUp(workers["worker-1"]) && Cluster.isUp(workers["worker-2"]) }
    try await cluster.expectTheSameBits()
  }

  @Test func aWorkerThatComputesEndsInOrder() async throws {
    let cluster = try Cluster(workers: 1, "model.width=128")
    for number in 2...7 {
      let worker = try cluster.startWorker("worker-\(number)")
      #expect(await worker.line(containing: "joined", ofErrors: true) != nil)
      worker.signal(SIGTERM)
      let ended = await worker.ended()
      #expect(ended.status == 0, "\(ended.errors.prefix(2000))")
    }
    cluster.coordinator.signal(SIGTERM)
    #expect(await cluster.coordinator.ended().status == 4)
    #expect(await cluster.workers["worker-1"]?.ended().status == 0)
  }

  @Test func manyMayJoinAtOnce() async throws {
    let cluster = try Cluster(workers: 1)
    try await cluster.round(atLeast: 7)
    for number in 2...5 { try cluster.startWorker("worker-\(number)") }
    try await cluster.status { _, workers in workers.count == 5 && workers.values.allSatisfy(Cluster.isUp) }
    try await cluster.expectTheSameBits()
  }

  @Test func aDrainedWorkerLeavesAndTheRunGoesOn() async throws {
    let cluster = try Cluster(workers: 2)
    try await cluster.round(atLeast: 7)
    let unknown = try await cluster.program("drain", "nobody", "--coordinator", cluster.address)
    #expect(unknown.status == 1)
    #expect(unknown.errors.contains("“nobody”") && unknown.errors.contains("worker-1, worker-2"), "\(unknown.errors)")
    let drained = try await cluster.program("drain", "worker-1", "--coordinator", cluster.address)
    #expect(drained.status == 0 && drained.output.contains("worker-1 has left"), "\(drained.errors)")
    #expect(await cluster.workers["worker-1"]?.ended().status == 0)
    // The last one takes the models along, so the coordinator keeps them.
    let last = try await cluster.program("drain", "worker-2", "--coordinator", cluster.address)
    #expect(last.status == 0, "\(last.errors)")
    try await cluster.status { run, workers in run["phase"] as? String == "waiting" && workers.isEmpty }
    try cluster.startWorker("worker-3")
    try await cluster.expectTheSameBits()
    #expect(!(await cluster.coordinator.ended().errors.contains("going on from the checkpoint")))
  }

  @Test func aCoordinatorIsKilledAgainAndAgain() async throws {
    let cluster = try Cluster(workers: 2)
    for round in [3, 17, 33] {
      try await cluster.round(atLeast: round)
      cluster.coordinator.signal(SIGKILL)
      _ = await cluster.coordinator.ended()
      try cluster.startCoordinator()
    }
    // The workers have come back by themselves.
    try await cluster.status { _, workers in workers.count == 2 && workers.values.allSatisfy(Cluster.isUp) }
    try await cluster.expectTheSameBits()
  }

  @Test func aLanguageModelLearnsTheSameWhoeverIsKilled() async throws {
    try await expectALanguageModelLearnsTheSame(rounds: 40, "overseer.kind=scripted")
  }

  /// H′, too, is a language model, with an adapter of its own on the same base.
  @Test func aLanguageModelLearnsToTakeApartTheSameWhoeverIsKilled() async throws {
    try await expectALanguageModelLearnsTheSame(
      rounds: 20, "overseer.kind=learned", "overseer.per_round=10", "overseer.steps=5", "overseer.batch=8",
      "overseer.learning_rate=0.02", "overseer.trust_loss=0.5")
  }

  private func expectALanguageModelLearnsTheSame(rounds: Int, _ overseer: String...) async throws {
    let scratch = try ScratchFolder()
    try TinyLanguageModel().write(to: scratch.path)
    try await expectTheSameBitsWhoeverIsKilled(
      Cluster(
        workers: 3, rounds: rounds,
        overseer + [
          "model.kind=language", "model.weights=\(scratch.path)", "model.lora_rank=8", "task.name=addition",
          "task.size=3", "task.start=2", "task.taught_count=20", "task.taught_steps=60", "task.taught_until=0.5",
          "amplification.questions=1", "distillation.batch=12", "distillation.accept.doubt=2",
          "distillation.learning_rate=0.02", "distillation.warm_up=5",
        ]))
  }

  /// Which answers are amplified deeper, and which become lessons, follows from what the models doubt.
  @Test func whatIsDoubtedIsTheSameWhoeverIsKilled() async throws {
    try await expectTheSameBitsWhoeverIsKilled(
      Cluster(
        workers: 3, rounds: 40, "task.name=wildcard", "overseer.choice=uncertain", "overseer.candidates=3",
        "overseer.trust_loss=100", "amplification.depth=3", "amplification.doubt=0.1", "distillation.accept.doubt=3",
        "distillation.accept.surest=0.9", "distillation.abstain=0.2", "distillation.inner=1",
        "distillation.fall_after=5"))
  }

  private func expectTheSameBitsWhoeverIsKilled(_ cluster: Cluster) async throws {
    try await cluster.round(atLeast: 4)
    cluster.workers["worker-1"]?.signal(SIGKILL)
    try await cluster.round(atLeast: 9)
    cluster.coordinator.signal(SIGKILL)
    _ = await cluster.coordinator.ended()
    cluster.workers["worker-2"]?.signal(SIGKILL)
    try cluster.startCoordinator()
    try cluster.startWorker("worker-4")
    try await cluster.expectTheSameBits()
  }

  @Test func theOthersTrainWithoutASlowWorkerUntilItIsFasterAgain() async throws {
    let cluster = try Cluster(workers: 3)
    try await cluster.round(atLeast: 30)
    let slow = try #require(cluster.workers["worker-2"])
    try await throttled(by: { slow.signal($0) }) {
      try await cluster.status { _, workers in workers["worker-2"]?["slow"] as? Bool == true }
    }
    try await cluster.status { _, workers in
      workers["worker-2"]?["slow"] as? Bool == false && Cluster.isUp(workers["worker-2"])
    }
    try await cluster.expectTheSameBits()
  }

  @Test func aClockThatJumpsChangesNothing() async throws {
    let library = try #require(
      try FileManager.default.subpathsOfDirectory(atPath: "/usr/lib").first {
        $0.hasSuffix("faketime/libfaketime.so.1")
      },
      "libfaketime is missing: scripts/setup installs it")
    let cluster = try Cluster(workers: 1)
    let clock = cluster.program.folder + "/clock"
    try cluster.program.write("+5h\n", to: "clock")
    let jumping = try cluster.startWorker(
      "worker-2",
      [
        "LD_PRELOAD": "/usr/lib/\(library)", "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
      ])
    try await cluster.status { _, workers in workers.count == 2 && workers.values.allSatisfy(Cluster.isUp) }
    for jump in ["+6h\n", "+5h\n", "+4h\n"] {
      try cluster.program.write(jump, to: "clock")
      let before = try #require(try await cluster.program.status(cluster.address)?["run"] as? [String: Any])
      let next = try #require(before["round"] as? Int) + 5
      // Some heartbeats later both still work.
      let now = try await cluster.status { run, workers in
        run["round"] as? Int ?? 0 >= next && workers.count == 2 && workers.values.allSatisfy(Cluster.isUp)
      }
      #expect(now["worker-2"]?["last_seen_ms"] as? Int ?? .max < 1000)
    }
    try await cluster.expectTheSameBits()
    #expect(!(await cluster.coordinator.ended().errors.contains("down")))
    // Its lines begin with the hour that it believes it is.
    let hours = [await jumping.ended(), try #require(await cluster.workers["worker-1"]?.ended())].map {
      $0.errors.prefix(2)
    }
    #expect(hours[0] != hours[1])
  }

  @Test func aWorkerWithTooMuchMemoryIsStartedAgain() async throws {
    let program = try Program()
    let calm = try await program.undisturbed()
    // Less than a worker has from the start: each leaves as soon as that is seen, between two rounds.
    let run = try await program(SmallRun.arguments("heavy", workers: 2, "cluster.worker_memory_mb=20"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("its limit is 20") && run.errors.contains("it asked for that"), "\(run.errors)")
    #expect(try program.weights(of: "heavy") == calm)
  }

  @Test func aFullDiskEndsTheRunWithASentenceAndSpaceLetsItGoOn() async throws {
    let program = try Program()
    let mounted = try await Running(
      URL(fileURLWithPath: "/bin/sh"),
      ["-c", "mkdir small && mount -t tmpfs -o size=6m none small || rmdir small"], in: program.folder
    ).ended()
    guard FileManager.default.fileExists(atPath: program.folder + "/small") else {
      print("A disk that fills up is not tested: only root may mount one. \(mounted.errors)")
      return
    }
    defer { umount2(program.folder + "/small", Int32(MNT_DETACH)) }
    let calm = try await program.undisturbed()
    try program.write(String(repeating: "x", count: 4 << 20), to: "small/filler")
    let run = SmallRun.arguments("full", workers: 2, "run.folder=small")
    let full = try await program(run)
    #expect(full.status == 1, "\(full.output)")
    #expect(full.errors.contains("No space left on device"), "\(full.errors)")
    try FileManager.default.removeItem(atPath: program.folder + "/small/filler")
    let again = try await program(run)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try program.json("small/full/result.json")["weights_sha256"] as? String == calm)
  }
}
