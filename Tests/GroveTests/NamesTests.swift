import Foundation
import Testing

/// Processes that have one process id, and hosts that have one name.
@Suite(.serialized) struct NamesTests {
  /// As compose starts replicas: each is process 1 of a container, here of one host name, too.
  @Test func workersThatAreAllProcessOneJoinAndStay() async throws {
    let program = try Program()
    let address = try Program.freeAddress()
    let settings = SmallRun.settings(["run.rounds=100000", "cluster.bind=\(address)"])
    let coordinator = try program.start(["coordinator", "--name", "replicas"] + settings)
    let workers = try (0..<3).map { _ in
      try program.start(
        under: ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--uts"],
        shell: "hostname replica.example.org; echo $$; exec \"$0\" worker --coordinator \(address) \"$@\"", settings)
    }
    for worker in workers { #expect(await worker.line(containing: "1") == "1", "unshare gives no process ids here") }
    var names: Set<String> = []
    while names.count < 3 {
      let status = try #require(try await program.status(address) ?? (coordinator.isRunning ? [:] : nil))
      let list = status["workers"] as? [[String: Any]] ?? []
      names = Set(list.filter { $0["state"] as? String == "up" }.compactMap { $0["id"] as? String })
      for worker in workers { try #require(worker.isRunning, "a worker ended: \(names)") }
    }
    #expect(names.allSatisfy { $0.wholeMatch(of: /worker-replica-[0-9a-f]{8}/) != nil }, "\(names)")
    // Once more, so that who would have been thrown out is.
    let later = try #require(try await program.status(address)?["workers"] as? [[String: Any]])
    #expect(Set(later.compactMap { $0["id"] as? String }) == names)
    #expect(try await program("stop", "--coordinator", address).status == 0)
    #expect(await coordinator.ended().status == 4)
    for worker in workers { #expect(await worker.ended().status == 0) }
  }
}
