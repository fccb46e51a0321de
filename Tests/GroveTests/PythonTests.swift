import Foundation
import Testing

/// What Python makes of a run by `scripts/grove.py`.
struct PythonTests {
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../scripts").standardizedFileURL.path

  /// Reads a run, and compares its network's log-probabilities with those in files that `grove ask --json` wrote.
  private static let reader = """
    import json, sys
    sys.path.insert(0, sys.argv[1])
    import grove, numpy
    libraries = [numpy]
    try:
        import torch
        libraries.append(torch)
    except ImportError:
        pass
    run = grove.load(sys.argv[2])
    worst = 0.0
    for file in sys.argv[3:]:
        asked = json.load(open(file))
        tokens = asked["tokens"]
        for library in libraries:
            for file in [None, "weights.safetensors"]:
                x = run.network(file=file, library=library)
                log_p = x.log_probabilities([tokens["facts"]], [[tokens["question"]]])[0, 0]
                for place, token in enumerate(tokens["student"]):
                    worst = max(worst, abs(float(log_p[place, token]) - asked["log_probabilities"][place]))
                many = x.log_probabilities(2 * [tokens["facts"]], 2 * [3 * [tokens["question"]]])
                assert many.shape[:2] == (2, 3)
                worst = max(worst, float(abs(many - log_p).max()))
            answer = x.answer([tokens["facts"]], [[tokens["question"]]])[0, 0]
            assert [int(token) for token in answer] == tokens["student"], (library, answer)
            if asked["task"] == "permutation":
                h, heard, types = run.network("overseer", library=library), list(tokens["question"]), [0] * 4
                for kind in [h.MARK] + 4 * [h.SUB_QUESTION]:
                    heard.append(int(h.log_probabilities([heard], [types])[0, -1].argmax()))
                    types.append(kind)
                (name, *bits), one = heard[-4:], run.config["task.size"] + 2
                power = sum((bit == one) << place for place, bit in enumerate(reversed(bits)))
                assert f"f^{power}({name})" == asked["tree"]["children"][0]["question"], heard
    lessons, judgments = run.dataset(), run.transcripts()
    h = run.network("overseer", library=numpy)
    question = lessons[0]["tokens"]["question"][None]
    p = numpy.exp(h.log_probabilities(question, 0 * question))
    teacher = run.network("teacher")
    print(json.dumps({
        "libraries": [library.__name__ for library in libraries], "worst": worst,
        "steps": [int(step) for step in run.metrics["steps"]], "student": float(run.metrics["accuracy.student"][-1]),
        "size": run.config["task.size"], "finished": run.result["finished"], "lessons": len(lessons),
        "facts": lessons[-1]["facts"], "tokens": lessons[-1]["tokens"]["facts"].tolist(),
        "judgments": len(judgments), "verdicts": sorted({judgment["verdict"] for judgment in judgments}),
        "sum": float(p[0, -1].sum()), "teacher": len(teacher.weights),
    }))

    """

  /// The first Python that has numpy, better yet PyTorch.
  private static func python() async throws -> String {
    for libraries in ["import numpy, torch", "import numpy"] {
      for python in ["python3", "/usr/bin/python3"] {
        let tried = try Running(URL(fileURLWithPath: "/usr/bin/env"), [python, "-c", libraries], in: "/")
        if await tried.ended().status == 0 { return python }
      }
    }
    throw Missing()
  }

  private struct Missing: Error, CustomStringConvertible {
    let description = "numpy is missing: scripts/setup --tests installs it"
  }

  /// Who has built it and not installed it, has no grove on the path.
  @Test func theProgramIsFoundBesideTheFile() async throws {
    let program = try Program()
    let built = program.folder + "/.build-release/release"
    for folder in [built, program.folder + "/scripts"] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    try FileManager.default.createSymbolicLink(atPath: built + "/grove", withDestinationPath: Program.path)
    try FileManager.default.copyItem(atPath: Self.script + "/grove.py", toPath: program.folder + "/scripts/grove.py")
    let ended = try await program.shell(
      """
      python=$(command -v "$1")
      export PATH=/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=scripts
      exec "$python" -c 'import grove; print(grove._program())'
      """, [try await Self.python()])
    #expect(ended.output.hasSuffix("/.build-release/release/grove"), "\(ended.errors)")
  }

  /// With names alone and one block over and over; with numbers, several answers and blocks of their own; and with facts that
  /// are read for each question.
  @Test(arguments: [
    (task: "permutation", question: "f^5(3)", more: ["run.rounds=24"]),
    (
      task: "digits", question: "carry 4",
      more: ["run.rounds=12", "task.name=digits", "overseer.kind=scripted", "model.share_layers=false"]
    ),
    (
      task: "path", question: "distance 1 2",
      more: ["run.rounds=12", "task.name=path", "overseer.kind=scripted", "model.reading_layers=3"]
    ),
  ])
  func aRunIsReadInPythonAndItsNetworkSaysTheSame(_ run: (task: String, question: String, more: [String]))
    async throws
  {
    let program = try Program()
    let arguments = ["run", "--name", "read", "--workers", "1"] + SmallRun.settings(run.more)
    let ended = try await program(arguments)
    #expect(ended.status == 0, "\(ended.errors)")
    var files: [String] = []
    for seed in 1...2 {
      let asked = try await program("ask", "read", run.question, "--seed", "\(seed)", "--json")
      #expect(asked.status == 0, "\(asked.errors)")
      files.append("\(seed).json")
      try program.write(asked.output, to: files[seed - 1])
    }
    let exported = try await program("export", "read", "--what", "weights", "--out", "weights.safetensors")
    #expect(exported.status == 0, "\(exported.errors)")
    try program.write(Self.reader, to: "reader.py")
    let words = ["GROVE=\(Program.path)", "PYTHONDONTWRITEBYTECODE=1", try await Self.python(), "reader.py"]
    let read = try await Running(
      URL(fileURLWithPath: "/usr/bin/env"), words + [Self.script, "runs/read"] + files, in: program.folder
    ).ended()
    #expect(read.status == 0, "\(read.errors)")
    let said = try #require(
      try JSONSerialization.jsonObject(with: Data(read.output.utf8)) as? [String: Any], "\(read.output)")
    #expect(said["worst"] as? Double ?? 1 < 1e-4, "\(said)")

    let result = try program.json("runs/read/result.json")
    #expect(said["finished"] as? Bool == true && said["size"] as? Int == 5)
    #expect((said["steps"] as? [Int])?.last == result["steps"] as? Int)
    #expect(abs((said["sum"] as? Double ?? 0) - 1) < 1e-4)
    #expect(said["lessons"] as? Int == result["amplified_questions"] as? Int)
    let (facts, tokens) = (said["facts"] as? [String] ?? [], said["tokens"] as? [[Int]] ?? [])
    #expect(!facts.isEmpty && facts.count == tokens.count)
    if run.task == "permutation" {
      #expect(facts == tokens.map { "f(\($0[0]))=\($0[1])" })
      #expect(said["verdicts"] as? [String] == ["decomposed"])
      #expect(said["judgments"] as? Int == result["human_decompositions"] as? Int)
    }
  }
}
