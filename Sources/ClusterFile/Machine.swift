import Foundation

/// What this process may use of its machine.
public struct Machine: Hashable, Sendable {
  /// Processors that it may use at a time; a share of one counts as one.
  public let cores: Int
  /// Bytes that it may take, together with others in its control groups; 0 if that can't be told.
  public let memoryBytes: Int
  /// Of those, what is to be had now; nil if that can't be told.
  public let freeBytes: Int?
  /// What the whole machine has.
  public let allCores, allMemoryBytes: Int

  /// Memory that a worker takes with models of the default sizes, and some to spare.
  private static let workerBytes = 400 << 20

  /// This machine, for this process.
  public static let this = Machine(root: "")

  /// Reads what the kernel says in the folders `proc` and `sys` under `root`, which is empty but in tests.
  init(root: String) {
    func text(_ path: String) -> String { (try? String(contentsOfFile: root + path, encoding: .utf8)) ?? "" }
    func kilobytes(_ key: String) -> Int? {
      (try? Regex("\(key):\\s+(\\d+) kB", as: (Substring, Substring).self))
        .flatMap { text("/proc/meminfo").firstMatch(of: $0) }.flatMap { Int($0.1) }
    }
    let groups = ControlGroups(root: root)

    let online = Self.processors(listed: text("/sys/devices/system/cpu/online"))
    let all = online.isEmpty ? ProcessInfo.processInfo.activeProcessorCount : online.count
    // What taskset, Slurm and cpusets leave; processors may be among them that the machine does not have.
    let allowed = text("/proc/self/status").firstMatch(of: /Cpus_allowed_list:\s+(\S+)/)
      .map { Self.processors(listed: String($0.1)).intersection(online).count }
    let limits = [allowed, groups.processors.map { Int(min($0.rounded(.up), Double(all))) }].compactMap(\.self)
    allCores = all
    cores = limits.filter { $0 > 0 }.min().map { min($0, all) } ?? all

    let memory = kilobytes("MemTotal").map { $0 << 10 } ?? 0
    allMemoryBytes = memory
    memoryBytes = groups.memory.map { memory > 0 ? min(memory, $0) : $0 } ?? memory
    freeBytes = [kilobytes("MemAvailable").map { $0 << 10 }, groups.freeMemory, groups.memory]
      .compactMap(\.self).min()
  }

  /// Workers that it has room for: one for each core, as far as memory goes.
  public var workers: Int { max(1, min(cores, memoryBytes > 0 ? memoryBytes / Self.workerBytes : cores)) }

  /// `0-3,8` as the kernel writes it.
  private static func processors(listed text: String) -> Set<Int> {
    text.split { $0 == "," || $0.isWhitespace }.reduce(into: []) { set, run in
      let bounds = run.split(separator: "-").compactMap { Int($0) }
      guard let first = bounds.first, let last = bounds.last, first <= last, last < 1 << 20 else { return }
      set.formUnion(first...last)
    }
  }
}
