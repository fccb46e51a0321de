import Foundation
import Testing

struct StudyTests {
  private let study = """
    name: small
    question: Does it run?
    seeds: [1, 2]
    settings:
      cluster.bind: tcp://127.0.0.1:*
      cluster.workers: 1
      run.rounds: 4
      run.evaluate_every: 2
      task.size: 4
      overseer.kind: scripted
      amplification.contexts: 8
      amplification.questions: 4
      distillation.steps: 2
      model.width: 16
      model.fact_layers: 1
      model.question_layers: 1
    tasks: {permutation: {task.bits: 2}, path: {}}
    variants: {exact: {}, errs: {overseer.error_rate: 0.3}}

    """

  @Test func allRunsAreMadeAndTheFolderHasTheirTableAndCurves() async throws {
    let program = try Program()
    try program.write(study, to: "small.yaml")
    let ended = try await program("study", "small.yaml")
    #expect(ended.status == 0, "\(ended.errors)")
    func text(_ file: String) throws -> String {
      try String(contentsOfFile: "\(program.folder)/studies/small/\(file)", encoding: .utf8)
    }
    #expect(try text("table.md").contains("8 of 8 runs are finished"))
    #expect(try text("study.yaml") == study)
    let rows = try text("table.csv").split(separator: "\n").filter { $0.contains(",all,") }
    #expect(rows.count == 8)
    for name in ["curves-permutation", "curves-path", "summary"] {
      #expect(try text("\(name).svg").hasPrefix("<svg"))
      let png = try Data(contentsOf: URL(fileURLWithPath: "\(program.folder)/studies/small/\(name).png"))
      #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }

    // What is finished is not made again: the same command tells the same.
    let results = try FileManager.default.contentsOfDirectory(atPath: "\(program.folder)/studies/small/runs")
    #expect(results.count == 8)
    let again = try await program("study", "small.yaml")
    #expect(again.status == 0 && !again.output.contains("run 1 of 8"))
    #expect(try text("table.csv").split(separator: "\n").filter { $0.contains(",all,") } == rows)

    try program.write(study.replacing("error_rate: 0.3", with: "error_rate: 0.2"), to: "edited.yaml")
    for (command, change) in [
      (["edited.yaml"], "small_permutation_errs_seed-1: overseer.error_rate was 0.3 and is 0.2"),
      (["edited.yaml", "--report-only"], "overseer.error_rate was 0.3 and is 0.2"),
      (["small.yaml", "--set", "run.rounds=6"], "run.rounds was 4 and is 6"),
    ] {
      let refused = try await program(["study"] + command)
      #expect(refused.status == 1 && refused.errors.contains(change), "\(refused.errors)")
      #expect(try text("study.yaml") == study)
    }

    let plot = try await program(
      "plot", "small_path_exact_seed-1", "small_path_errs_seed-2", "--folder", "studies/small/runs", "--out", "both")
    #expect(plot.status == 0, "\(plot.errors)")
    #expect(FileManager.default.fileExists(atPath: "\(program.folder)/both.png"))
    #expect(FileManager.default.fileExists(atPath: "\(program.folder)/both.svg"))
    let nowhere = try await program(
      "plot", "small_path_exact_seed-1", "--folder", "studies/small/runs", "--out", "nowhere/both")
    #expect(
      nowhere.status == 1
        && nowhere.errors == "grove: nowhere/both.svg can't be written: there is no folder \(program.folder)/nowhere",
      "\(nowhere.errors)")
  }

  @Test func aStudyWhoseFirstRunCantStartLeavesNothingBehind() async throws {
    let program = try Program()
    try program.write(study, to: "small.yaml")
    let refused = try await program("study", "small.yaml", "--folder", "new/small", "--set", "model.device=cuda")
    #expect(refused.status == 1 && refused.errors.contains("cuda"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: program.folder + "/new"))
  }

  @Test func aStoppedStudyGoesOnWhereItWas() async throws {
    let program = try Program()
    let endless = study.replacing("run.rounds: 4", with: "run.rounds: 1000000\n  run.stop_at: 2")
    try program.write(endless, to: "small.yaml")
    let running = try program.start(["study", "small.yaml"])
    #expect(await running.line(containing: "round 2 ") != nil)
    running.signal(SIGTERM)
    let stopped = await running.ended()
    #expect(stopped.status == 4 && stopped.errors.contains("goes on from there"), "\(stopped.errors)")
    let report = try await program("study", "small.yaml", "--report-only")
    #expect(report.status == 0 && report.output.contains("0 of 8 runs are finished"), "\(report.output)")
  }
}
