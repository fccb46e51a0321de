import Foundation
import Testing

/// A real Slurm on the loopback, to which deploy/slurm/grove.sbatch is submitted.
@Suite(.serialized) struct SlurmTests {
  private let program: Program
  private let environment: [String: String]

  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("deploy/slurm/grove.sbatch").path

  init() throws {
    program = try Program()
    environment = [
      "SLURM_CONF": program.folder + "/slurm.conf", "PATH": "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin",
    ]
  }

  /// A daemon, under a shell: daemons close all descriptors, also the one by whose end Foundation knows that a process is no
  /// more, and would wait for them.
  ///
  /// Killed with the shell: they do not hear SIGTERM where their parent's threads block it.
  private func start(_ command: String...) throws -> Running {
    let shell = ["sh", "-c", "setpriv --pdeathsig KILL \"$@\" & wait", "sh"]
    return try Running(
      URL(fileURLWithPath: "/usr/bin/env"), environment.map { "\($0.key)=\($0.value)" } + shell + command,
      in: program.folder)
  }

  private func run(_ command: String...) async throws -> Program.Ended {
    try await Running(
      URL(fileURLWithPath: "/usr/bin/env"), environment.map { "\($0.key)=\($0.value)" } + command, in: program.folder
    )
    .ended()
  }

  /// Munge, the controller and a node's daemon, in the foreground, as long as the body goes on.
  private func withSlurm(_ body: () async throws -> Void) async throws {
    let host = try await run("hostname", "-s").output
    let ports = try (0..<2).map { _ in try #require(try Program.freeAddress().split(separator: ":").last) }
    try program.write(
      """
      ClusterName=test
      SlurmctldHost=\(host)(127.0.0.1)
      SlurmctldPort=\(ports[0])
      SlurmdPort=\(ports[1])
      SlurmUser=root
      AuthType=auth/munge
      AuthInfo=socket=\(program.folder)/munge.socket
      CredType=cred/munge
      StateSaveLocation=\(program.folder)/state
      SlurmdSpoolDir=\(program.folder)/spool
      SlurmctldPidFile=\(program.folder)/slurmctld.pid
      SlurmdPidFile=\(program.folder)/slurmd.pid
      ProctrackType=proctrack/linuxproc
      TaskPlugin=task/none
      SelectType=select/cons_tres
      MpiDefault=none
      ReturnToService=2
      NodeName=\(host) NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
      PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4

      """, to: "slurm.conf")
    try program.write(String(repeating: "a key of this test alone, of sufficient length. ", count: 4), to: "munge.key")
    chmod(program.folder + "/munge.key", 0o600)
    for folder in ["state", "spool"] {
      try FileManager.default.createDirectory(
        atPath: "\(program.folder)/\(folder)", withIntermediateDirectories: true)
    }
    let munge = try start(
      "munged", "--foreground", "--force", "--key-file=\(program.folder)/munge.key",
      "--socket=\(program.folder)/munge.socket", "--pid-file=\(program.folder)/munge.pid",
      "--seed-file=\(program.folder)/munge.seed", "--log-file=\(program.folder)/munge.log")
    while !FileManager.default.fileExists(atPath: program.folder + "/munge.socket") { try #require(munge.isRunning) }
    let daemons = [munge, try start("slurmctld", "-D"), try start("slurmd", "-D", "-N", host)]
    do {
      while try await !run("sinfo", "--noheader", "--states=idle").output.contains("idle") {
        for daemon in daemons where !daemon.isRunning {
          let ended = await daemon.ended()
          try #require(daemon.isRunning, "\(ended.errors)")
        }
      }
      try await body()
    } catch {
      await end(daemons)
      throw error
    }
    await end(daemons)
  }

  private func end(_ daemons: [Running]) async {
    for daemon in daemons.reversed() {
      daemon.signal(SIGKILL)
      _ = await daemon.ended()
    }
  }

  /// The settings of a small run, as a file.
  private func writeConfiguration(to file: String) throws {
    try program.write(
      SmallRun.settings().filter { $0 != "--set" && !$0.hasPrefix("cluster.bind") && !$0.hasPrefix("dashboard.bind") }
        .reduce(into: [String: [String]]()) { sections, setting in
          let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
          let path = parts[0].split(separator: ".").map(String.init)
          sections[path[0], default: []].append("  \(path[1]): \(parts[1])")
        }
        .map { "\($0.key):\n" + $0.value.joined(separator: "\n") }.joined(separator: "\n") + "\n", to: file)
  }

  /// In a folder and under a name that have spaces, and what names of runs may not have.
  @Test func aJobTrainsToTheEnd() async throws {
    let folder = "a b"
    try FileManager.default.createDirectory(atPath: "\(program.folder)/\(folder)", withIntermediateDirectories: true)
    try writeConfiguration(to: "\(folder)/my cluster.yaml")
    var run = ""
    try await withSlurm {
      let port = try #require(try Program.freeAddress().split(separator: ":").last)
      let submitted = try await self.run(
        "sbatch", "--parsable", "--wait", "--ntasks=2", "--output=job.log", "--job-name=my.job 1",
        "--chdir=\(program.folder)/\(folder)",
        "--export=ALL,GROVE=\(Program.path),CONFIG=\(program.folder)/\(folder)/my cluster.yaml,PORT=\(port)",
        Self.script)
      let log = (try? String(contentsOfFile: "\(program.folder)/\(folder)/job.log", encoding: .utf8)) ?? ""
      #expect(submitted.status == 0, "\(submitted.output)\(submitted.errors)\(log)")
      run = "my-job-1-\(submitted.output.prefix { $0.isNumber })"
      let result = try program.json("\(folder)/runs/\(run)/result.json")
      #expect(result["workers"] as? Int == 2, "\(log)")
    }
    let weights = try program.json("\(folder)/runs/\(run)/result.json")["weights_sha256"] as? String
    #expect(try await program.undisturbed() == weights)
  }

  /// On two nodes, of which the first's own name leads to itself alone, as Debian has it. Slurm's programs are stand-ins.
  @Test(.enabled(if: geteuid() == 0)) func aNodeWhoseNameIsItsOwnIsReachedByTheOthers() async throws {
    try writeConfiguration(to: "cluster.yaml")
    try program.write("127.0.0.1 localhost\n127.0.1.1 debian\n", to: "hosts")
    try FileManager.default.createDirectory(atPath: program.folder + "/bin", withIntermediateDirectories: true)
    try program.write("#!/bin/bash\nexit 1\n", to: "bin/scontrol")
    try program.write(
      """
      #!/bin/bash
      shift
      for task in 0 1; do SLURM_PROCID=$task "$@" & done
      wait

      """, to: "bin/srun")
    let job = try await program.shell(
      """
      chmod +x bin/*; ln -s "$0" grove; export PATH=$PWD/bin:$PATH GROVE=$PWD/grove CONFIG=$PWD/cluster.yaml NAME=job
      export SLURM_JOB_NUM_NODES=2 SLURM_JOB_ID=7 SLURM_JOB_NAME=job
      exec unshare --net --mount --uts bash -euc '
        ip link set lo up; ip link add cable type veth peer name other; ip address add 10.78.0.1/24 dev cable
        ip link set cable up; ip link set other up; mount --bind hosts /etc/hosts; hostname debian; exec bash "$0"' "$1"
      """, [Self.script])
    #expect(job.status == 0, "\(job.errors)")
    #expect(job.errors.contains("listens at tcp://10.78.0.1:20007"), "\(job.errors)")
    #expect(try program.json("runs/job/result.json")["workers"] as? Int == 2)
  }
}
