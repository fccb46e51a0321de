import ClusterFile
import Descriptors

extension DescriptorLimit {
  /// With less, no command works.
  private static let least = 40

  /// Looks whether a command can work at all. - Throws: a sentence.
  package static func check() throws {
    try present.allows(least, "a command")
    try checkThreads(threads, "a command")
  }

  /// What one process starts at least; beside those, what computes takes some for each processor.
  private static let threads = 16

  private static func checkThreads(_ needed: Int, _ what: String) throws {
    guard areThreadsLeft(needed) else {
      throw Failure(
        "\(what) needs \(needed) threads, and this process can't start as many: raise ulimit -u, or the limit of "
          + "processes of its container (TasksMax= of systemd, pids_limit of Docker)")
    }
  }

  /// Looks whether a coordinator and the workers that it starts can. - Throws: a sentence.
  static func checkRun(_ file: ClusterFile) throws {
    try present.allows(own + child * file.cluster.workers, "a run with \(file.cluster.workers) workers")
    try checkThreads(threads * (1 + file.cluster.workers), "a run with \(file.cluster.workers) workers")
  }

  /// Looks whether a worker can that connects to the others of the configuration. - Throws: a sentence.
  static func checkWorker(_ file: ClusterFile) throws {
    let others = max(0, file.cluster.workers - 1)
    try present.allows(least + peer * others, "a worker among \(file.cluster.workers)")
  }

  private func allows(_ needed: Int, _ what: String) throws {
    guard count >= needed else {
      throw Failure(
        "\(what) needs up to \(needed) open files and connections, and this process may have \(count): "
          + "raise that with ulimit -n (LimitNOFILE= of systemd, ulimits of Docker)")
    }
  }
}
