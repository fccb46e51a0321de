import ClusterFile
import Testing

/// What makes a run another run, and what it is called then.
struct ComparisonTests {
  private func name(_ settings: String...) throws -> String { try ClusterFile().setting(settings).runName }

  @Test func aNameSaysWhatMakesItAnotherRun() throws {
    #expect(try name() == "permutation-8-seed-1")
    #expect(try name("task.name=path", "task.size=16", "run.seed=7") == "path-16-seed-7")
    #expect(
      try name("distillation.learning_rate=0.01") == "permutation-8-seed-1-distillation.learning_rate-0.01")
    #expect(try name("oversight.review=0.01") == "permutation-8-seed-1-oversight.review-0.01")
    #expect(try name("model.device=cuda:1") == "permutation-8-seed-1-model.device-cuda-1")
  }

  @Test func whereAndHowLongARunIsMadeIsNotInItsName() throws {
    let settings = [
      "cluster.bind=tcp://127.0.0.1:*", "cluster.workers=7", "dashboard.bind=off", "security.key_file=k",
      "run.folder=x", "run.rounds=3", "run.steps=9", "run.stop_at=2", "run.checkpoint_every=9", "oversight.lease_s=5",
    ]
    for setting in settings { #expect(try name(setting) == name(), "\(setting)") }
  }

  @Test func manySettingsMakeAShortNameThatIsAnotherForOthers() throws {
    let settings = ["model.width=32", "distillation.learning_rate=0.001", "overseer.decompositions=4000"]
    let rates = try (11...60).map { rate in
      try ClusterFile().setting(settings + ["overseer.learning_rate=0.0\(rate)"]).runName
    }
    #expect(Set(rates).count == 50)
    #expect(rates.allSatisfy { ClusterFile.isName($0) && $0.hasPrefix("permutation-8-seed-1-") }, "\(rates[0])")
    #expect(try ClusterFile().setting(settings + ["overseer.learning_rate=0.011"]).runName == rates[0])
  }

  @Test func ofAFinishedRunItsEndIsASettingLikeOthers() throws {
    let (before, now) = (ClusterFile(), try ClusterFile().setting(["run.rounds=9", "model.width=32", "run.folder=x"]))
    #expect(now.differences(from: before) == ["model.width was 64 and is 32"])
    #expect(
      now.differences(from: before, countingEnds: true)
        == ["run.rounds was 6000 and is 9", "model.width was 64 and is 32"])
  }
}
