import Foundation
import Testing

/// What the machine has and what it leaves to the program are two things: with real limits.
struct LimitsTests {
  /// A command by `env`, as the program's own.
  private func output(_ program: Program, _ command: [String]) async throws -> Program.Ended {
    try await Running(URL(fileURLWithPath: "/usr/bin/env"), command, in: program.folder).ended()
  }

  private func findings(_ ended: Program.Ended) throws -> [String: [String: String]] {
    let list = try #require(
      try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [[String: String]], "\(ended.errors)")
    return Dictionary(list.map { ($0["what"] ?? "", $0) }, uniquingKeysWith: { first, _ in first })
  }

  private let doctor = [
    Program.path, "doctor", "--json", "--set=cluster.bind=tcp://127.0.0.1:*", "--set=dashboard.bind=http://127.0.0.1:*",
  ]

  @Test func affinityCounts() async throws {
    let program = try Program()
    let one = ["taskset", "--cpu-list", "0"] + doctor
    let two = try findings(try await output(program, one + ["--set", "cluster.workers=2"]))
    let all = ProcessInfo.processInfo.activeProcessorCount
    #expect(two["processors"]?["found"] == (all == 1 ? "1" : "1 of the machine's \(all)"))
    #expect(two["workers"]?["verdict"] == "poor" && two["workers"]?["found"] == "2 for 1 processor")
    let auto = try findings(try await output(program, one + ["--set", "cluster.workers=auto"]))
    #expect(auto["workers"]?["found"] == "1, with a processor each")
  }

  @Test(.enabled(if: Group.canBeMade("cpu", "cpu.cfs_quota_us"))) func aQuotaOfAGroupCounts() async throws {
    let program = try Program()
    let outer = try Group("cpu", ["cpu.cfs_quota_us": "50000"])
    // Its own has none, but the one that it is in has.
    let inner = try Group("cpu", [:], in: outer)
    let found = try findings(try await output(program, inner.entering(doctor + ["--set", "cluster.workers=auto"])))
    #expect(found["processors"]?["found"]?.hasPrefix("1") == true, "\(found)")
    #expect(found["workers"]?["found"] == "1, with a processor each")
  }

  @Test(.enabled(if: Group.canBeMade("memory", "memory.limit_in_bytes"))) func memoryOfAGroupCounts() async throws {
    let program = try Program()
    let group = try Group("memory", ["memory.limit_in_bytes": "\(900 << 20)"])
    let found = try findings(try await output(program, group.entering(doctor + ["--set", "cluster.workers=8"])))
    let memory = try #require(found["memory"])
    #expect(memory["verdict"] == "bad" && memory["found"]?.contains("of the 900 MiB allowed") == true, "\(memory)")
    let auto = try findings(try await output(program, group.entering(doctor + ["--set", "cluster.workers=auto"])))
    #expect(Int(auto["workers"]?["found"]?.prefix { $0 != "," } ?? "").map { $0 <= 2 } == true, "\(auto)")
  }

  /// Without threads a process would end without a word, or hang.
  @Test(
    .enabled(if: geteuid() == 0, "a superuser has no such limit, and may become another"), arguments: [5, 12, 20, 30])
  func tooFewProcessesAreSaid(_ most: Int) async throws {
    let program = try Program()
    let run = SmallRun.arguments("few", workers: 1, "run.rounds=3")
    // Of a user who has no others.
    let user = 1_000_000 + Int(getpid())
    chmod(program.folder, 0o777)
    let ended = try await output(
      program,
      ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups", "prlimit", "--nproc=\(most):\(most)"]
        + [Program.path] + run)
    #expect(ended.status == 1 && ended.errors.contains("raise ulimit -u"), "\(ended.status) \(ended.errors)")
    #expect(ended.errors.split(separator: "\n").count == 1, "\(ended.errors)")
  }

  @Test func modelsThatFitNoMachineAreSaid() async throws {
    let program = try Program()
    let large = ["width=4096", "fact_layers=64", "question_layers=64", "share_layers=false"]
    let ended = try await output(program, doctor + large.flatMap { ["--set", "model.\($0)"] })
    #expect(ended.status == 1)
    let memory = try #require(try findings(ended)["memory"])
    #expect(memory["verdict"] == "bad" && memory["found"]?.contains("parameters") == true, "\(memory)")
    #expect(memory["remedy"]?.contains("model.width") == true)
    let usual = try findings(try await output(program, doctor + ["--set", "cluster.workers=1"]))
    #expect(usual["memory"]?["verdict"] == "good" && usual["device"]?["verdict"] == "good", "\(usual)")
    // Before the first run there is nobody, and nothing is wrong.
    #expect(usual["coordinator"]?["verdict"] == "good")
    let deep = try findings(try await output(program, doctor + ["--set", "run.folder=not/there/yet"]))
    #expect(deep["folder"]?["verdict"] == "good", "\(deep)")
  }
}

/// A control group of version 1 that is removed with the object, when nobody is in it any more.
private final class Group {
  private let path: String

  init(_ controller: String, _ limits: [String: String], in outer: Group? = nil) throws {
    path = (outer?.path ?? "/sys/fs/cgroup/\(controller)") + "/grove-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    for (file, value) in limits {
      try Data(value.utf8).write(to: URL(fileURLWithPath: "\(path)/\(file)"))
    }
  }

  deinit { rmdir(path) }

  /// The command as one that runs in it.
  func entering(_ command: [String]) -> [String] {
    ["sh", "-c", "echo $$ >\"$0\" && exec \"$@\"", "\(path)/cgroup.procs"] + command
  }

  static func canBeMade(_ controller: String, _ file: String) -> Bool {
    (try? Group(controller, [:])).map { FileManager.default.isWritableFile(atPath: "\($0.path)/\(file)") } ?? false
  }
}
