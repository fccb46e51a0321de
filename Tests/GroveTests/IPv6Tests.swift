import Foundation
import Testing

/// Clusters that talk over IPv6, by names with several addresses, and where there is no IPv6.
@Suite(.serialized) struct IPv6Tests {
  private let program: Program
  /// What a kernel without IPv6 has not.
  private static let isThere = FileManager.default.fileExists(atPath: "/proc/net/if_inet6")
  private static let noRight = geteuid() != 0

  init() throws { program = try Program() }

  private func port() throws -> Substring { try #require(try Program.freeAddress().split(separator: ":").last) }

  @Test(.enabled(if: isThere), arguments: ["tcp://[::1]:*", "tcp://localhost:*"])
  func aRunEndsInTheSameBits(_ bind: String) async throws {
    let ended = try await program(
      SmallRun.arguments("six", workers: 2, "cluster.bind=\(bind)", "dashboard.bind=http://[::1]:*"))
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(try program.weights(of: "six") == (try await program.undisturbed()))
  }

  /// On two hosts that have no other addresses; the coordinator listens at that one, or at all.
  @Test(.enabled(if: isThere && !noRight), arguments: ["[fd77::1]", "[::]"])
  func twoHostsWithoutIPv4Train(_ listening: String) async throws {
    let hosts = try await TwoHosts(program, ["fd77::1/64", "fd77::2/64"])
    let settings = SmallRun.settings([
      "security.without_keys=everybody may connect", "cluster.bind=tcp://\(listening):5570", "dashboard.bind=off",
    ])
    let coordinator = try program.start(
      under: hosts.one, shell: "exec \"$0\" coordinator --name six \"$@\" --set run.rounds=100000", settings)
    let address = "tcp://[fd77::1]:5570"
    let worker = "exec \"$0\" worker --coordinator '\(address)' \"$@\""
    let workers = [
      try program.start(under: hosts.one, shell: worker, settings),
      try program.start(under: hosts.other, shell: worker, settings),
    ]
    try await program.trains(coordinator, at: address, under: hosts.one, with: 2)
    coordinator.signal(SIGTERM)
    let ended = await coordinator.ended()
    #expect(ended.status == 4, "\(ended.errors)")
    for worker in workers { #expect(await worker.ended().status == 0) }
    try await program.expectTheSameBits(of: "six", settings)
  }

  /// A name that stands for IPv4 and IPv6, while the coordinator listens at one of them.
  @Test(.enabled(if: isThere && !noRight), arguments: ["127.0.0.1", "[::1]"])
  func aNameWithSeveralAddressesLeadsThere(_ listening: String) async throws {
    let port = try port()
    try program.write("127.0.0.1 localhost several\n::1 localhost several\n", to: "hosts")
    let run = "mount --bind hosts /etc/hosts; exec \"$0\""
    let settings = SmallRun.settings([
      "run.rounds=100000", "cluster.bind=tcp://\(listening):\(port)", "dashboard.bind=off",
    ])
    let coordinator = try program.start(["coordinator", "--name", "named"] + settings)
    #expect(await coordinator.line(containing: "listens at", ofErrors: true) != nil)
    let worker = try program.start(
      under: ["unshare", "--mount"], shell: "\(run) worker --coordinator tcp://several:\(port) \"$@\"", settings)
    #expect(await coordinator.line(containing: "joined", ofErrors: true) != nil)
    let stopped = try await program.start(
      under: ["unshare", "--mount"], shell: "\(run) stop --coordinator tcp://several:\(port)"
    ).ended()
    #expect(stopped.status == 0, "\(stopped.errors)")
    #expect(await coordinator.ended().status == 4)
    #expect(await worker.ended().status == 0)
  }

  /// Refused at once and everywhere alike: by a coordinator, a worker and the doctor.
  @Test(.enabled(if: !noRight)) func whereThereIsNoIPv6ASentenceSaysSo() async throws {
    let without = ["unshare", "--net"]
    let off = "ip link set lo up; [ ! -d /proc/sys/net/ipv6 ] || echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; "
    let settings = SmallRun.settings(["cluster.bind=tcp://[::1]:5570", "dashboard.bind=http://[::1]:5580"])
    for command in ["coordinator --name no", "run --name no", "doctor", "worker --bind 'tcp://[::1]:*'"] {
      let shell = "\(off)exec \"$0\" \(command) \"$@\""
      let ended = try await program.start(under: without, shell: shell, settings).ended()
      let said = ended.output + ended.errors
      #expect(ended.status == 1, "\(command)")
      #expect(said.contains("this machine has no such address") && !said.contains("in use"), "\(said)")
    }
  }

  @Test(arguments: ["tcp://0.0.0.0:5570#" + String(repeating: "a", count: 64), "tcp://::1:5570", "tcp://0:5570"])
  func whatIsNoAddressToListenAtIsRefused(_ bind: String) async throws {
    for command in [["coordinator", "--name", "no"], ["doctor"], ["worker"]] {
      let ended = try await program(command + ["--set", "cluster.bind=\(bind)"])
      #expect(ended.status == (command == ["doctor"] ? 1 : 2), "\(command)")
      #expect((ended.output + ended.errors).contains("allowed is an address such as tcp://127.0.0.1:5570"))
    }
    let worker = try await program("worker", "--coordinator", "tcp://127.0.0.1:1", "--bind", bind)
    #expect(worker.status == 64 || worker.status == 2, "\(worker.status) \(worker.errors)")
  }
}
