import Foundation

/// What this process may use of its machine.
public struct Machine: Hashable, Sendable {
  public let cores: Int
  /// 0 if that can't be told.
  public let memoryBytes: Int

  /// Memory that a worker takes with models of the default sizes, and some to spare.
  private static let workerBytes = 400 << 20

  /// The machine, or what a container leaves of it.
  public static let this = Machine(
    cores: ProcessInfo.processInfo.activeProcessorCount, memory: Int(ProcessInfo.processInfo.physicalMemory),
    cpuMax: try? String(contentsOfFile: "/sys/fs/cgroup/cpu.max", encoding: .utf8),
    memoryMax: try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8))

  /// - Parameters:
  ///   - cpuMax: microseconds of processor time in a period, and the period, as cgroups write them; or `max`.
  ///   - memoryMax: bytes, or `max`.
  init(cores: Int, memory: Int, cpuMax: String?, memoryMax: String?) {
    let quota = (cpuMax ?? "").split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    let share = quota.count == 2 && quota[1] > 0 ? Int((quota[0] / quota[1]).rounded(.up)) : cores
    self.cores = max(1, min(cores, share))
    let limit = Int((memoryMax ?? "").filter { !$0.isWhitespace }) ?? memory
    memoryBytes = min(memory, limit)
  }

  /// Workers that it has room for: one for each core, as far as memory goes.
  public var workers: Int { max(1, min(cores, memoryBytes > 0 ? memoryBytes / Self.workerBytes : cores)) }
}
