import ClusterFile
import Foundation
import Mutation
import Randomness
import Testing

struct ClusterFileTests {
  private static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let shipped = project.appendingPathComponent("cluster.yaml").path

  private func error(_ yaml: String) -> String {
    var file = ClusterFile()
    do {
      try file.take(yaml: yaml, named: "cluster.yaml")
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func theShippedFileSaysTheDefaultsAndEveryKey() throws {
    #expect(try ClusterFile.read(path: Self.shipped) == ClusterFile())
    let text = try String(contentsOfFile: Self.shipped, encoding: .utf8)
    for field in ClusterFile.fields {
      let key = field.path.split(separator: ".").last ?? ""
      #expect(text.contains("  \(key): "), "\(field.path) is not explained in cluster.yaml")
    }
  }

  @Test func whatElseIsShippedIsRead() throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: Self.project.appendingPathComponent("deploy/tasks"), includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    for file in files {
      #expect(try ClusterFile.read(path: file.path).task.name == file.deletingPathExtension().lastPathComponent)
    }
  }

  @Test func theKeysAreThese() {
    #expect(
      ClusterFile.fields.map(\.path).joined(separator: " ")
        == """
        cluster.name cluster.bind cluster.workers cluster.heartbeat_ms cluster.failure_timeout_ms \
        cluster.worker_memory_mb cluster.verify security.key_file security.authorized_file security.without_keys \
        dashboard.bind dashboard.token_file \
        task.name task.size task.start task.bits task.reversed task.raise_at task.raise_after task.taught \
        task.taught_count task.taught_wrong task.taught_steps task.taught_until run.rounds run.steps run.seed run.checkpoint_every \
        run.evaluate_every run.stop_at run.folder \
        overseer.kind overseer.decompositions overseer.per_round overseer.choice overseer.candidates overseer.patience \
        overseer.doubt overseer.error_rate overseer.flaw overseer.robustness overseer.trust_loss \
        overseer.steps overseer.batch overseer.learning_rate overseer.width overseer.layers \
        oversight.review oversight.choice oversight.within oversight.unreviewed oversight.view oversight.lease_s \
        oversight.undo_s oversight.twice oversight.people_file \
        amplification.depth amplification.doubt amplification.contexts amplification.questions amplification.shards \
        distillation.target distillation.steps distillation.microbatches distillation.learning_rate \
        distillation.warm_up distillation.fall_after distillation.polyak_horizon distillation.replay distillation.batch \
        distillation.inner distillation.abstain distillation.accept.doubt distillation.accept.surest \
        model.kind model.weights model.weights_sha256 model.numbers model.tuning model.lora_rank model.lora_targets \
        model.width model.heads model.fact_layers model.question_layers model.reading_layers model.share_layers \
        model.match_tokens model.optimizer model.device
        """)
  }

  @Test func whatIsWrittenIsRead() throws {
    var file = ClusterFile()
    try file.set("task.size=16")
    try file.set("cluster.bind=tcp://127.0.0.1:*")
    try file.set("distillation.target=truth")
    var read = ClusterFile()
    try read.take(yaml: file.yaml, named: "written")
    #expect(read == file)
    #expect(
      read.differences(from: ClusterFile()) == [
        "task.size was 8 and is 16", "distillation.target was amplified and is truth",
      ])
  }

  @Test func sectionsHaveSections() throws {
    var file = ClusterFile()
    try file.take(yaml: "distillation:\n  accept: {doubt: 0.3}\n  replay: 20", named: "cluster.yaml")
    #expect(file.distillation.accept.doubt == 0.3 && file.distillation.replay == 20)
    var read = ClusterFile()
    try read.take(yaml: file.yaml, named: "written")
    #expect(read == file && file.yaml.contains("  accept:\n    doubt: 0.3\n    surest: 1.0\n"))
    #expect(error("distillation:\n  accept: {glue: 1}").contains("line 2: there is no key distillation.accept.glue"))
    #expect(error("distillation:\n  accept: 1").contains("there is no key distillation.accept;"))
    #expect(error("distillation:\n  replay: {accept: 1}").contains("where one value belongs"))
  }

  /// Texts of what goes wrong where it is not quoted.
  private static let awkward = [
    "a\"b", "a\\b", "runs:", "-", "- a", "---", "...", "a: b", "a #b", "#a", "{a}", "[a", "*a", "&a", "!a", "|", ">",
    "%a", "@a",
    "'", "''", "null", "true", "1e3", " a", "a ", "a\tb", "a\nb", "a\r\nb", "\n", "a\u{85}b", "a\u{2028}b", "\u{feff}a",
    "\u{7f}", "\u{1}", "ü", "e\u{301}", "名前", "😀", "\u{e000}", "\u{fffe}", "\u{10ffff}", "./~", "a~b", ",", "?", "? a",
    "``",
    String(repeating: "long ", count: 100),
  ]

  @Test func everyTextIsReadAsItWasWritten() throws {
    var random = CounterGenerator(seed: 4, purpose: .faults)
    let made = (0..<300).map { _ in
      let pieces = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        Bool.random(using: &random)
          ? Self.awkward[Int.random(in: Self.awkward.indices, using: &random)]
          : Unicode.Scalar(UInt32.random(in: 1...0x10FFFF, using: &random)).map(String.init) ?? "?"
      }
      return pieces.joined()
    }
    for text in Self.awkward + made where text.unicodeScalars.first != "\u{feff}" {
      var (file, read) = (ClusterFile(), ClusterFile())
      try file.set("run.folder=\(text)")
      try file.set("oversight.people_file=\(text)")
      try read.take(yaml: file.yaml, named: "written")
      // Bytes, as strings are equal that are written in several ways.
      #expect(Array(read.run.folder.utf8) == Array(text.utf8), "\(file.yaml)")
      #expect(read == file)
    }
  }

  @Test func aHomeFolderIsWrittenOut() throws {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? NSHomeDirectory()
    for key in ["run.folder", "security.key_file", "security.authorized_file", "dashboard.token_file"] {
      var file = ClusterFile()
      try file.set("\(key)=~/x")
      #expect(file.yaml.contains(": \(home)/x\n"), "\(file.yaml)")
      #expect(throws: ClusterFileError.self) { try file.set("\(key)=~nobody-of-this-name/x") }
      #expect(throws: ClusterFileError.self) { try file.set("\(key)=a\0b") }
      #expect(throws: ClusterFileError.self) { try file.set("\(key)=\u{feff}a") }
    }
    var file = ClusterFile()
    try file.set("run.folder=./~")
    #expect(file.run.folder == "./~")
  }

  @Test(arguments: ["a", "my.job", "_a", "7", "a-b_c.d", String(repeating: "a", count: 64)])
  func aName(_ name: String) { #expect(ClusterFile.isName(name)) }

  @Test(arguments: [
    "", " ", ".", "..", ".a", "-a", "--set", "../evil", "a/b", "a\\b", "ü", "a b", "a\n", "a\0", "a:b", "a~",
    "a\u{301}",
    String(repeating: "a", count: 65),
  ]) func noName(_ name: String) { #expect(!ClusterFile.isName(name)) }

  @Test func aShellReadsWhatItIsTold() throws {
    for text in Self.awkward {
      let shell = Process()
      shell.executableURL = URL(fileURLWithPath: "/bin/sh")
      shell.arguments = ["-c", "printf %s \(text.shellQuoted)"]
      let said = Pipe()
      shell.standardOutput = said
      try shell.run()
      #expect(said.fileHandleForReading.readDataToEndOfFile() == Data(text.utf8), "\(text)")
      shell.waitUntilExit()
    }
  }

  /// Every key may be left out, also all of a section.
  @Test(arguments: [
    "task:\n", "task:\n  # size: 8\n", "task: ~\nrun: null\n", "# nothing\n", "~\n",
    "\u{FEFF}task:\r\n  size: 8\r\n",
  ])
  func whatIsLeftOutIsTheDefault(_ yaml: String) throws {
    #expect(error(yaml) == "")
    for field in ClusterFile.fields {
      let section = field.path.split(separator: ".")[0]
      #expect(error("\(section):\n  # all of it is a remark\n") == "")
    }
  }

  @Test(arguments: [
    ("task: \"\"\n", ["line 1", "task"]), ("tusk:\n", ["line 1", "tusk", "task"]),
    ("cluster:\n  bind: tcp://0.0.0.0:5570#\(String(repeating: "a", count: 64))\n", ["line 2", "without a key"]),
    ("dashboard:\n  bind: http://127.0.0.1:80#\(String(repeating: "a", count: 64))\n", ["line 2", "dashboard.bind"]),
    ("task:\n  size: 100\n", ["line 2", "task.size", "100", "2 to 64"]),
    ("task:\n  size: many\n", ["line 2", "task.size", "many"]),
    ("task:\n  colour: red\n", ["line 2", "task.colour", "task.size"]),
    ("tusk:\n  size: 8\n", ["line 2", "tusk.size", "task"]),
    ("task: 8\n", ["line 1", "task"]),
    ("- a\n- b\n", ["line 1", "sections"]),
    ("task:\n  size: [1, 2]\n", ["line 2", "task.size"]),
    ("task:\n\tsize: 8\n", ["line 2"]),
    ("task:\n  size: 8\n  size: 9\n", ["size", "twice"]),
    ("task: {size: 8\n", ["line"]),
    ("overseer:\n  kind: oracle\n", ["line 2", "scripted or learned"]),
    ("run:\n  seed: -1\n", ["line 2", "run.seed"]),
    ("run:\n  stop_at: nan\n", ["line 2", "run.stop_at"]),
    ("cluster:\n  bind: nowhere\n", ["line 2", "cluster.bind", "tcp://"]),
    ("cluster:\n  bind: tcp://127.0.0.1:65536\n", ["line 2", "cluster.bind", "tcp://"]),
  ]) func mistakesAreExplained(_ yaml: String, _ parts: [String]) {
    let message = error(yaml)
    for part in parts { #expect(message.contains(part), "“\(message)” lacks “\(part)”") }
    #expect(!message.contains("\n"))
  }

  @Test func overridesAreCheckedToo() {
    for (override, part) in [
      ("task.size", "key=value"), ("task.size=0", "2 to 64"), ("nothing=1", "no key"),
      ("model.width=66", "model.heads"),
      ("cluster.failure_timeout_ms=600", "heartbeat"),
      ("distillation.microbatches=49", "overseer.batch, which is 48"),
      ("amplification.contexts=3", "amplification.contexts, which is 3"),
      ("task.start=9", "task.size, which is 8"), ("amplification.shards=51", "amplification.contexts, which is 50"),
      ("dashboard.bind=http://127.0.0.1:5570", "another port"), ("dashboard.bind=http://0.0.0.0:5570", "another port"),
    ] {
      let error = #expect(throws: ClusterFileError.self) {
        _ = try ClusterFile.read(path: nil, overrides: [override])
      }
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
  }

  @Test func boundsHoldOnlyWhereTheyMatter() throws {
    for overrides in [
      ["task.size=5"], ["distillation.microbatches=48"], ["overseer.kind=scripted", "distillation.microbatches=50"],
      ["amplification.contexts=4", "amplification.shards=4"], ["overseer.per_round=100000"],
      ["dashboard.bind=http://127.0.0.2:5570"],
      ["cluster.bind=tcp://127.0.0.1:*", "dashboard.bind=http://127.0.0.1:*"],
    ] { _ = try ClusterFile.read(path: nil, overrides: overrides) }
    let error = #expect(throws: ClusterFileError.self) {
      _ = try ClusterFile.read(path: nil, overrides: ["overseer.per_round=100000", "overseer.choice=uncertain"])
    }
    #expect(error?.description.contains("overseer.per_round is 100000") == true)
  }

  @Test func aMissingFileIsNamed() {
    let error = #expect(throws: ClusterFileError.self) { _ = try ClusterFile.read(path: "/nowhere/cluster.yaml") }
    #expect(error?.description.contains("/nowhere/cluster.yaml") == true)
  }

  @Test func fuzzedFilesAreReadOrRefusedWithASentence() throws {
    let text = try String(contentsOfFile: Self.shipped, encoding: .utf8)
    // Whole files are slow to read in their thousands; a section has all that can go wrong.
    let sections = text.components(separatedBy: "\n\n").filter { $0.contains(":") }
    var understood = 0
    for mutated in Mutation(of: sections) {
      do {
        var file = ClusterFile()
        try file.take(yaml: String(decoding: mutated, as: UTF8.self), named: "fuzzed.yaml")
        understood += 1
      } catch {
        #expect(error is ClusterFileError && !"\(error)".contains("Error("), "\(error)")
      }
    }
    #expect(understood > 0)
  }
}
