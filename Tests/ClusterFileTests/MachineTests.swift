import Foundation
import Testing

@testable import ClusterFile

/// What a process may use, told by trees of files as kernels write them. The machine has 8 processors and 64 GiB.
struct MachineTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let what: String
    var files: [String: String] = [:]
    var cores = 8
    var memory = 64 << 30
    var free = 60 << 30
    var testDescription: String { what }
  }

  private static func machine(_ files: [String: String]) throws -> Machine {
    let root = NSTemporaryDirectory() + "grove-machine-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let always = [
      "proc/meminfo": "MemTotal:       67108864 kB\nMemFree:  1 kB\nMemAvailable:   62914560 kB\n",
      "proc/self/status": "Name:\tgrove\nCpus_allowed:\tff\nCpus_allowed_list:\t0-7\n",
      "sys/devices/system/cpu/online": "0-7\n",
    ]
    for (path, text) in always.merging(files, uniquingKeysWith: { $1 }) {
      let url = URL(fileURLWithPath: root).appendingPathComponent(path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    return Machine(root: root)
  }

  private static let version2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
  private static let version1 = """
    31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
    32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
    35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory

    """
  private static let hybrid = version1 + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"

  private static let cases: [Case] = [
    Case(what: "no groups at all"),
    Case(
      what: "affinity, with processors that are not there",
      files: ["proc/self/status": "Cpus_allowed_list:\t1,3-4,6-127\n"], cores: 5),
    Case(
      what: "version 2, a service: its own group",
      files: [
        "proc/self/cgroup": "0::/system.slice/grove.service\n", "proc/self/mountinfo": version2,
        "sys/fs/cgroup/system.slice/grove.service/cpu.max": "150000 100000\n",
        "sys/fs/cgroup/system.slice/grove.service/memory.max": "1073741824\n",
        "sys/fs/cgroup/system.slice/grove.service/memory.current": "734003200\n",
        "sys/fs/cgroup/system.slice/grove.service/memory.stat": "anon 1\ninactive_file 104857600\nactive_file 0\n",
      ], cores: 2, memory: 1 << 30, free: 424 << 20),
    Case(
      what: "version 2: of all groups that it is in the narrowest",
      files: [
        "proc/self/cgroup": "0::/a/b/c\n", "proc/self/mountinfo": version2,
        "sys/fs/cgroup/a/cpu.max": "300000 100000\n", "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
        "sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/b/memory.high": "2147483648\n",
        "sys/fs/cgroup/a/b/c/memory.max": "4294967296\n", "sys/fs/cgroup/a/b/memory.current": "0\n",
        // One that it is not in.
        "sys/fs/cgroup/a/d/cpu.max": "10000 100000\n",
      ], cores: 3, memory: 2 << 30, free: 2 << 30),
    Case(
      what: "version 2 in a container with a namespace",
      files: [
        "proc/self/cgroup": "0::/\n", "proc/self/mountinfo": version2, "sys/fs/cgroup/cpu.max": "50000 100000\n",
        "sys/fs/cgroup/memory.max": "524288000\n", "sys/fs/cgroup/memory.current": "524288000\n",
      ], cores: 1, memory: 500 << 20, free: 0),
    Case(
      what: "a group that lies outside of the namespace",
      files: [
        "proc/self/cgroup": "0::/../other\n", "proc/self/mountinfo": version2,
        "sys/fs/cgroup/memory.max": "1073741824\n", "sys/fs/other/memory.max": "1\n",
      ], memory: 1 << 30),
    Case(
      what: "version 1",
      files: [
        "proc/self/cgroup": "5:memory:/job 7/x\n4:cpu,cpuacct:/slurm/job\n1:name=systemd:/init\n",
        "proc/self/mountinfo": version1,
        "sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_quota_us": "400000\n",
        "sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/memory/job 7/memory.limit_in_bytes": "1073741824\n",
        "sys/fs/cgroup/memory/job 7/memory.usage_in_bytes": "1073741824\n",
        "sys/fs/cgroup/memory/job 7/memory.stat": "inactive_file 0\ntotal_inactive_file 1048576\ntotal_active_file 0\n",
      ], cores: 4, memory: 1 << 30, free: 1 << 20),
    Case(
      what: "version 1 in a container whose mounts begin at its group, under a path with a space",
      files: [
        "proc/self/cgroup": "5:memory:/docker/abc/inner\n4:cpu,cpuacct:/docker/abc\n",
        "proc/self/mountinfo": """
        32 31 0:29 /docker/abc /the\\040groups/cpu ro master:3 - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 /docker/abc /the\\040groups/memory ro - cgroup cgroup rw,memory

        """,
        "the groups/cpu/cpu.cfs_quota_us": "50000\n", "the groups/cpu/cpu.cfs_period_us": "100000\n",
        "the groups/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "the groups/memory/inner/memory.limit_in_bytes": "524288000\n",
      ], cores: 1, memory: 500 << 20),
    Case(
      what: "version 1 in a container that sees the path of its group on the host",
      files: [
        "proc/self/cgroup": "5:memory:/kubepods/pod1/abc\n",
        "proc/self/mountinfo": "35 31 0:32 /kubepods/pod1/xyz /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
        // Its pod has the limit, which is not to be seen but here.
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/memory/memory.stat": "cache 0\nhierarchical_memory_limit 2147483648\n",
      ], memory: 2 << 30),
    Case(
      what: "both versions side by side",
      files: [
        "proc/self/cgroup": "5:memory:/m\n4:cpu,cpuacct:/c\n0::/u\n", "proc/self/mountinfo": hybrid,
        "sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_quota_us": "250000\n",
        "sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/memory/m/memory.limit_in_bytes": "1073741824\n",
        "sys/fs/cgroup/unified/u/cgroup.procs": "1\n",
      ], cores: 3, memory: 1 << 30),
    Case(
      what: "files that say nothing of use",
      files: [
        "proc/self/cgroup": "damaged\n0::/\n4:cpu:\n", "proc/self/mountinfo": "damaged\n1 2 - cgroup\n" + version2,
        "sys/fs/cgroup/cpu.max": "99999999999999999999 0\n", "sys/fs/cgroup/memory.max": "-\n",
        "proc/self/status": "Cpus_allowed_list:\t9-x\n",
      ]),
  ]

  @Test(arguments: cases) func itIsWhatTheProcessMayUse(_ expected: Case) throws {
    let machine = try Self.machine(expected.files)
    #expect(machine.cores == expected.cores)
    #expect(machine.memoryBytes == expected.memory)
    #expect(machine.freeBytes == min(expected.free, expected.memory))
    #expect(machine.allCores == 8 && machine.allMemoryBytes == 64 << 30)
  }

  @Test(arguments: [("800000 100000", "max", 8), ("max 100000", "1073741824", 2), ("max 100000", "1048576", 1)])
  func workersHaveRoom(_ cpu: String, _ memory: String, _ workers: Int) throws {
    let machine = try Self.machine([
      "proc/self/cgroup": "0::/\n", "proc/self/mountinfo": Self.version2, "sys/fs/cgroup/cpu.max": cpu,
      "sys/fs/cgroup/memory.max": memory,
    ])
    #expect(machine.workers == workers)
  }

  @Test func whereNothingIsToldThereIsAtLeastOneProcessor() throws {
    let nothing = Machine(root: "/nowhere")
    #expect(nothing.cores >= 1 && nothing.workers >= 1 && nothing.memoryBytes == 0 && nothing.freeBytes == nil)
  }

  @Test func autoIsANumberFromThenOn() throws {
    let file = try ClusterFile.read(path: nil, overrides: ["cluster.workers=auto"])
    #expect(file.cluster.workers == Machine.this.workers && file.yaml.contains("workers: \(file.cluster.workers)\n"))
  }
}
