import Foundation
import Reference
import Testing

/// What leaves a run says what it is of, and every command finds the run where the configuration keeps it.
@Suite(.serialized) struct ExportTests {
  private func metadata(_ file: String, _ program: Program) throws -> [String: String] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(program.folder)/\(file)"))
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSONSerialization.jsonObject(with: data.dropFirst(8).prefix(length)) as? [String: Any]
    return try #require(header?["__metadata__"] as? [String: String])
  }

  private func lines(_ file: String, _ program: Program) throws -> [[String: Any]] {
    try String(contentsOfFile: "\(program.folder)/\(file)", encoding: .utf8).split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test func whatLeavesARunSaysWhatItIsOf() async throws {
    let program = try Program()
    try program.write("run:\n  folder: kept/here\n", to: "cluster.yaml")
    let made = try await program(SmallRun.arguments("r", workers: 1, "run.rounds=20"))
    try #require(made.status == 0, "\(made.errors)")
    for command in [
      ["ask", "r", "f^2(1)"], ["eval", "r", "--count", "2"], ["plot", "r"], ["report", "r"], ["provenance", "r"],
      ["export", "r", "--what", "weights", "--out", "w"], ["export", "r", "--what", "dataset", "--out", "d"],
      ["export", "r", "--what", "transcripts", "--out", "t"],
    ] {
      let ended = try await program(command)
      #expect(ended.status == 0, "\(command): \(ended.errors)")
    }
    let retract = try await program("retract", "r:1000000", "--later")
    #expect(retract.errors.contains("has no judgment 1000000"), "\(retract.errors)")

    let about = try metadata("w", program)
    #expect(about["grove.task"] == "permutation" && about["grove.task_size"] == "5" && about["grove.run"] == "r")
    #expect(about["grove.round"] == "20" && about["grove.vocabulary"] == ##"["?","1","2","3","4","5","#6","#7"]"##)
    #expect(about["grove.steps"] == "\(try #require(program.json("kept/here/r/result.json")["steps"]))")
    let configuration = try String(contentsOfFile: program.folder + "/kept/here/r/config.yaml", encoding: .utf8)
    #expect(about["grove.configuration"] == configuration)
    #expect(about["grove.builds"]?.wholeMatch(of: /[0-9a-f]{12}/) != nil)
    for line in try lines("d", program) + lines("t", program) {
      #expect((1...20).contains(line["round"] as? Int ?? 0), "\(line)")
      #expect((line["class"] as? String)?.hasPrefix("k=") == true, "\(line)")
      #expect(["amplified", "script"].contains(line["source"] as? String), "\(line)")
      #expect((1...5).contains(Int(line["truth"] as? String ?? "") ?? 0), "\(line)")
    }

    let newest = URL(fileURLWithPath: program.folder + "/kept/here/r/checkpoints/round-0000020.safetensors")
    try Data("damaged".utf8).write(to: newest)
    let older = try await program("export", "r", "--what", "weights", "--out", "w")
    #expect(older.status == 0 && older.errors.contains("round-0000020.safetensors can't be used"), "\(older.errors)")
    #expect(older.errors.contains("the weights of r as of the checkpoint after round 15"), "\(older.errors)")
    #expect(try metadata("w", program)["grove.round"] == "15")
    let named = try await program("export", "r", "--folder", "kept", "--what", "weights", "--out", "w")
    #expect(named.status == 1 && named.errors.contains("there is no run r in kept"), "\(named.errors)")
  }

  /// The numbers of a safetensors file by the names of its arrays, each as its bytes.
  private func arrays(_ file: String, _ program: Program) throws -> [String: Data] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(program.folder)/\(file)"))
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try #require(
      try JSONSerialization.jsonObject(with: data.dropFirst(8).prefix(length)) as? [String: [String: Any]])
    return header.filter { $0.key != "__metadata__" }.compactMapValues { entry in
      (entry["data_offsets"] as? [Int]).map { data[(8 + length + $0[0])..<(8 + length + $0[1])] }
    }
  }

  @Test func whatALanguageModelLearnedIsAnAdapter() async throws {
    let program = try Program()
    try TinyLanguageModel().write(to: program.folder + "/tiny")
    let made = try await program(
      SmallRun.arguments(
        "sums", workers: 1, "model.kind=language", "model.weights=tiny", "model.lora_rank=3", "run.rounds=3",
        "overseer.kind=scripted", "task.name=addition", "task.size=2", "task.start=2", "task.bits=3",
        "amplification.questions=1", "distillation.batch=12", "distillation.replay=1000"))
    try #require(made.status == 0, "\(made.errors)")
    let weights = try await program("export", "sums", "--what", "weights", "--out", "w")
    #expect(weights.status == 0, "\(weights.errors)")
    let all = try arrays("w", program)
    for of in ["student", "teacher"] {
      let ended = try await program("export", "sums", "--what", "adapter", "--of", of, "--out", "\(of)-lora")
      #expect(ended.status == 0 && ended.errors.contains("\(of) as of the checkpoint"), "\(ended.errors)")
      let own = try arrays("\(of)-lora/adapter_model.safetensors", program)
      #expect(own.count == all.count / 2 && own.count > 8)
      for (name, bytes) in own { #expect(all["\(of)/" + name.dropFirst("base_model.model.".count)] == bytes) }
      let settings = try program.json("\(of)-lora/adapter_config.json")
      #expect(settings["r"] as? Int == 3 && settings["base_model_name_or_path"] as? String == "tiny")
    }
    let file = try await program("export", "sums", "--what", "adapter", "--out", "sums.gguf")
    #expect(file.status == 0, "\(file.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: program.folder + "/sums.gguf")).prefix(4) == Data("GGUF".utf8))

    let both = try await program("export", "sums", "--what", "dataset", "--of", "teacher", "--out", "d")
    #expect(both.status == 2 && both.errors.contains("leave it out"), "\(both.status) \(both.errors)")
    let taken = try await program("export", "sums", "--what", "adapter", "--out", "w")
    #expect(taken.status == 1 && taken.errors.contains("w can't be written as a folder"), "\(taken.errors)")
    let network = try await program(SmallRun.arguments("r", workers: 1, "run.rounds=2"))
    try #require(network.status == 0, "\(network.errors)")
    let none = try await program("export", "r", "--what", "adapter", "--out", "a")
    #expect(none.status == 1 && none.errors.contains("r has no adapter"), "\(none.errors)")
  }

  @Test func whenAllOfALanguageModelLearnsItsWeightsAreWhatItLearned() async throws {
    let program = try Program()
    try TinyLanguageModel().write(to: program.folder + "/tiny")
    let made = try await program(
      SmallRun.arguments(
        "full", workers: 2, "model.kind=language", "model.weights=tiny", "model.tuning=full", "run.rounds=3",
        "overseer.kind=scripted", "task.name=addition", "task.size=2", "task.start=2", "task.bits=3",
        "amplification.questions=1", "distillation.batch=12", "distillation.replay=1000"))
    try #require(made.status == 0, "\(made.errors)")
    let ended = try await program("export", "full", "--what", "weights", "--out", "w")
    #expect(ended.status == 0, "\(ended.errors)")
    let (learned, base) = (try arrays("w", program), try arrays("tiny/model.safetensors", program))
    for (name, bytes) in base {
      #expect(learned["student/\(name)"].map { $0 != bytes && $0.count == bytes.count } == true)
    }
    let none = try await program("export", "full", "--what", "adapter", "--out", "a")
    #expect(none.status == 1 && none.errors.contains("all weights of its X learn"), "\(none.errors)")
  }
}
