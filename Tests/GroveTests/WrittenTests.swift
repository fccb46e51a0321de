import Foundation
import Testing

/// What is written into files, paths and other processes' arguments is what is read there.
@Suite(.serialized) struct WrittenTests {
  @Test(arguments: ["../evil", "-x"])
  func noCommandTakesAWrongName(_ name: String) async throws {
    let program = try Program()
    // What a name that leads out of the folder would find.
    try FileManager.default.createDirectory(atPath: program.folder + "/evil", withIntermediateDirectories: true)
    try program.write("", to: "evil/journal.sqlite")
    let free = ["--set", "cluster.bind=tcp://127.0.0.1:*", "--set", "dashboard.bind=off"]
    let commands =
      [
        ["run", "--name=\(name)"] + free, ["coordinator", "--name=\(name)"] + free,
        ["worker", "--name=\(name)", "--coordinator", "tcp://127.0.0.1:1"],
        ["keys", "generate", "--role", "worker", "--out", "k", "--", name],
      ]
      + [
        ["ask", "--", name, "f^5(3)"], ["eval", "--", name], ["export", "--what", "weights", "--out", "w", "--", name],
        ["report", "--", name], ["plot", "--", name], ["provenance", "--", name], ["retract", "--", "\(name):1"],
      ]
    for command in commands {
      let ended = try await program(command)
      // 2: not understood, as in the help.
      #expect([1, 2].contains(ended.status), "\(command) \(ended.output)")
      #expect(ended.errors.contains(name), "\(command): \(ended.errors)")
      if ended.status == 1 { #expect(ended.errors.contains("allowed are letters"), "\(command): \(ended.errors)") }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: program.folder).sorted() == ["evil"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: program.folder + "/evil") == ["journal.sqlite"])
  }

  /// Each is a folder as good as any other; a worker reads where it is from config.yaml and from its arguments.
  @Test(arguments: ["a\"b", "-", "runs:", "ü's: #1"])
  func aRunIsKeptWhereItIsSaid(_ folder: String) async throws {
    let program = try Program()
    let ended = try await program(
      SmallRun.arguments("my.run", workers: 1, "run.rounds=3", "run.folder=\(folder)"))
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(FileManager.default.fileExists(atPath: "\(program.folder)/\(folder)/my.run/result.json"))
    let asked = try await program("eval", "my.run", "--count", "2", "--folder=\(folder)")
    #expect(asked.status == 0, "\(asked.errors)")
  }

  @Test func aHomeFolderIsWhereItIs() async throws {
    let program = try Program()
    let run = try program.start(
      SmallRun.arguments("home", workers: 1, "run.rounds=3", "run.folder=~/x"), environment: ["HOME": program.folder])
    let ended = await run.ended()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(FileManager.default.fileExists(atPath: program.folder + "/x/home/result.json"))
    #expect(!FileManager.default.fileExists(atPath: program.folder + "/~"))
  }

  /// Bytes that are no text, and a folder that is gone, are said before anything is made elsewhere.
  @Test(arguments: [
    ("mkdir $'a\\xff'; cd $'a\\xff'", "", "the path of the current folder"),
    (":", "$'--set=run.folder=b\\xff'", "on the command line"),
    ("mkdir gone; cd gone; rmdir ../gone", "", "the current folder can't be used (No such file or directory)"),
  ])
  func whatIsNoTextIsSaid(_ place: String, _ word: String, _ sentence: String) async throws {
    let program = try Program()
    let settings = SmallRun.settings()
    for command in ["run --name no", "doctor"] {
      let ended = try await program.shell(
        "mkdir -p in; cd in; rm -rf ./*; \(place); exec \"$0\" \(command) \(word) \"$@\"", settings)
      #expect(ended.status == 1 && ended.errors.contains(sentence), "\(command): \(ended.errors)")
      #expect(ended.errors.split(separator: "\n").count == 1, "\(ended.errors)")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: program.folder + "/in").count
          == (place.hasPrefix("mkdir $") ? 1 : 0))
    }
  }

  @Test func aPathInACommandToTypeIsQuoted() async throws {
    let program = try Program()
    try program.write("secret\n", to: "it's mine.key")
    chmod(program.folder + "/it's mine.key", 0o644)
    try program.write("", to: "authorized")
    let ended = try await program(
      "status", "--set", "security.key_file=it's mine.key", "--set", "security.authorized_file=authorized")
    #expect(ended.status == 1 && ended.errors.contains(#"chmod 600 'it'\''s mine.key'"#), "\(ended.errors)")
  }
}
