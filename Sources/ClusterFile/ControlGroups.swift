import Foundation

/// What control groups leave this process: its own, and those that they are in, of both versions, wherever they are
/// mounted.
///
/// A container, a service of systemd and a job of Slurm are such groups. On which processors one may run (`cpuset`) the
/// kernel tells of the process itself.
struct ControlGroups: Hashable, Sendable {
  /// Processor time for each second that passes; nil: as much as there is.
  private(set) var processors: Double?
  /// Bytes that all of a group may take; nil: as many as there are.
  private(set) var memory: Int?
  /// Bytes that may still be taken, with those that are only kept as long as nobody needs the room.
  private(set) var freeMemory: Int?

  /// Reads what the kernel says under `root`, which is empty but in tests.
  init(root: String) {
    func lines(_ path: String) -> [Substring] {
      ((try? String(contentsOfFile: root + path, encoding: .utf8)) ?? "").split(separator: "\n")
    }
    let mounts = lines("/proc/self/mountinfo").compactMap(GroupMount.init)
    for membership in lines("/proc/self/cgroup").compactMap(GroupMembership.init) {
      for folder in membership.folders(in: mounts) {
        let group = ControlGroup(folder: root + folder)
        processors = [processors, group.processors].compactMap(\.self).min()
        memory = [memory, group.memory].compactMap(\.self).min()
        freeMemory = [freeMemory, group.freeMemory].compactMap(\.self).min()
      }
    }
  }
}

/// A line of `/proc/self/cgroup`: `4:cpu,cpuacct:/jobs/7`, or `0::/jobs/7` in version 2.
private struct GroupMembership {
  let controllers: Set<Substring>
  let path: [Substring]

  init?(_ line: Substring) {
    let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    controllers = Set(parts[1].split(separator: ","))
    path = parts[2].split(separator: "/")
  }

  /// Where the group's files are, and those of the groups that it is in, as far as they are to be seen.
  func folders(in mounts: [GroupMount]) -> [String] {
    let fitting = mounts.filter { mount in
      mount.controllers.map { !$0.isDisjoint(with: controllers) } ?? controllers.isEmpty
    }
    // A container may be told of a path that it does not see; then what it sees is its own group, or one that it is in.
    guard
      let mount = fitting.first(where: {
        path.starts(with: $0.group) && !path.dropFirst($0.group.count).contains("..")
      })
    else { return fitting.first.map { [$0.point] } ?? [] }
    let below = path.dropFirst(mount.group.count)
    return (0...below.count).map { ([mount.point] + below.prefix($0).map(String.init)).joined(separator: "/") }
  }
}

/// A line of `/proc/self/mountinfo` about control groups.
private struct GroupMount {
  /// The group whose files are at `point`.
  let group: [Substring]
  let point: String
  /// nil: version 2, which has all in one.
  let controllers: Set<Substring>?

  init?(_ line: Substring) {
    let fields = line.split(separator: " ")
    // After what every mount has there are optional fields, and a hyphen ends them.
    guard let mark = fields.dropFirst(6).firstIndex(of: "-"), mark + 3 < fields.endIndex,
      ["cgroup", "cgroup2"].contains(fields[mark + 1])
    else { return nil }
    group = Self.unescaped(fields[3]).split(separator: "/")
    point = Self.unescaped(fields[4])
    controllers = fields[mark + 1] == "cgroup2" ? nil : Set(fields[mark + 3].split(separator: ","))
  }

  /// A space is written `\040`.
  private static func unescaped(_ text: Substring) -> String {
    text.replacing(/\\([0-7]{3})/) { match in UInt8(match.1, radix: 8).map { "\(UnicodeScalar($0))" } ?? "" }
      .description
  }
}

/// One control group. What it does not say, or says in a way that is not known, is no limit.
private struct ControlGroup {
  let folder: String

  private func words(_ file: String) -> [Substring] {
    ((try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)) ?? "").split(whereSeparator: \.isWhitespace)
  }

  private func number(_ file: String) -> Int? { words(file).first.flatMap { Int($0) } }

  /// Version 2 has quota and period, in microseconds, in one file. `max`, or in version 1 −1, is no quota.
  var processors: Double? {
    let both = words("cpu.max")
    let quota = both.count == 2 ? Int(both[0]) : number("cpu.cfs_quota_us")
    let period = both.count == 2 ? Int(both[1]) : number("cpu.cfs_period_us")
    guard let quota, let period, quota > 0, period > 0 else { return nil }
    return Double(quota) / Double(period)
  }

  var memory: Int? {
    // Above `high`, processes are slowed down until they are as good as dead.
    let own = ["memory.max", "memory.high", "memory.limit_in_bytes"].compactMap(number)
    // In version 1 this is also of groups that a container does not see.
    return (own + [statistics["hierarchical_memory_limit"]].compactMap(\.self)).min()
  }

  var freeMemory: Int? {
    let current = number("memory.current")
    guard let memory, let used = current ?? number("memory.usage_in_bytes") else { return nil }
    let (prefix, statistics) = (current == nil ? "total_" : "", statistics)
    let kept = ["inactive_file", "active_file"].compactMap { statistics[prefix + $0] }.reduce(0, +)
    return max(0, memory - max(0, used - kept))
  }

  private var statistics: [String: Int] {
    let words = words("memory.stat")
    return Dictionary(
      zip(words, words.dropFirst()).compactMap { key, value in Int(value).map { (String(key), $0) } },
      uniquingKeysWith: { first, _ in first })
  }
}
