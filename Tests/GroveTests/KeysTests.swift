import Foundation
import Testing

/// A run whose nodes have keys, and those who have none, or others.
@Suite(.serialized) struct KeysTests {
  private func keys(_ program: Program, _ entries: [(name: String, role: String)]) async throws {
    var authorized = ""
    for (name, role) in entries {
      let made = try await program("keys", "generate", name, "--role", role)
      #expect(made.status == 0, "\(made.errors)")
      authorized += made.output + "\n"
    }
    try program.write(authorized, to: "authorized")
  }

  private func with(_ key: String) -> [String] {
    ["--set", "security.key_file=\(key).key", "--set", "security.authorized_file=authorized"]
  }

  @Test func onlyWhoIsAuthorisedJoinsLooksAndStopsAndWhoIsRevokedIsOut() async throws {
    let program = try Program()
    try await keys(
      program,
      [("coordinator", "coordinator"), ("one", "worker"), ("two", "worker"), ("ben", "viewer"), ("ada", "admin")])
    let stranger = try await program("keys", "generate", "stranger", "--role", "admin")
    #expect(stranger.status == 0)
    let address = try Program.freeAddress()
    let settings = SmallRun.settings([
      "run.rounds=100000", "cluster.bind=\(address)", "cluster.failure_timeout_ms=1000", "cluster.heartbeat_ms=100",
    ])
    let coordinator = try program.start(["coordinator", "--name", "keyed"] + settings + with("coordinator"))
    var workers: [String: Running] = [:]
    for name in ["one", "two"] {
      workers[name] = try program.start(["worker", "--name", name, "--coordinator", address] + settings + with(name))
    }
    func command(_ command: String..., by key: String?) async throws -> Program.Ended {
      try await program(command + ["--coordinator", address] + (key.map(with) ?? []))
    }
    func status() async throws -> [String: Any] {
      while true {
        let ended = try await command("status", "--json", by: "ben")
        if let status = try? JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any] {
          return status
        }
        try #require(coordinator.isRunning, "\(ended.errors)")
      }
    }
    func members() async throws -> Set<String> {
      let list = try #require(try await status()["workers"] as? [[String: Any]])
      return Set(list.compactMap { $0["id"] as? String })
    }
    while try await members() != ["one", "two"] { try #require(coordinator.isRunning) }

    #expect(try await command("status", by: nil).status == 1)
    let unknown = try await command("status", by: "stranger")
    #expect(unknown.status == 1 && unknown.errors.contains("does not admit this one"), "\(unknown.errors)")
    let looker = try await command("drain", "one", by: "ben")
    #expect(looker.status == 1 && looker.errors.contains("ben may not call admin of coordinator"), "\(looker.errors)")
    // A worker's key is good for working only.
    let worker = try await command("status", by: "one")
    #expect(worker.status == 1 && worker.errors.contains("the key of one is for worker"), "\(worker.errors)")

    #expect(try await program("keys", "revoke", "two").output.contains("two may no longer enter"))
    while try await members() != ["one"] { try #require(coordinator.isRunning) }
    let turnedAway = await workers["two"]?.ended()
    #expect(
      turnedAway?.status == 1 && turnedAway?.errors.contains("not authorised") == true, "\(turnedAway?.errors ?? "")")
    #expect(try await program("keys", "list").output.contains(/ben +viewer/))
    #expect(try await command("stop", by: "ada").status == 0)
    let ended = await coordinator.ended()
    #expect(ended.status == 4, "\(ended.errors)")
    _ = await workers["one"]?.ended()
    #expect(!ended.errors.contains(try String(contentsOfFile: program.folder + "/one.key", encoding: .utf8).prefix(20)))
  }

  @Test func withoutKeysNobodyListensBeyondThisMachine() async throws {
    let program = try Program()
    let refused = try await program(SmallRun.arguments("open", workers: 1, "cluster.bind=tcp://0.0.0.0:*"))
    #expect(refused.status == 1 && refused.errors.contains("whoever reaches tcp://0.0.0.0:* could join, without keys"))
    try await keys(program, [("coordinator", "coordinator")])
    #expect(
      try await program("keys", "generate", "coordinator", "--role", "worker").errors.contains("never written over"))
    chmod(program.folder + "/coordinator.key", 0o644)
    let readable = try await program(["coordinator", "--name", "r"] + SmallRun.settings() + with("coordinator"))
    #expect(readable.status == 1 && readable.errors.contains("others can read the secret key"), "\(readable.errors)")
    try program.write("ada king 00\n", to: "authorized")
    let damaged = try await program("keys", "list")
    #expect(damaged.errors.contains("authorized, line 1: “king” is no role; there is coordinator, worker, viewer"))
  }
}
