/// Something about a cluster that a person should look at, and what to do about it.
public struct Warning: Hashable, Sendable, Codable {
  public enum Severity: String, Hashable, Sendable, Codable {
    /// The run goes on, but not as well as it could.
    case notice
    /// The run does not go on, or soon won't.
    case problem
  }

  public var severity: Severity
  public var what: String
  public var remedy: String

  public init(_ severity: Severity, _ what: String, remedy: String) {
    self.severity = severity
    self.what = what
    self.remedy = remedy
  }
}

extension ClusterStatus {
  /// A round that takes so many times as long as rounds take here,
  private static let stuck = 20.0
  /// and at least so many seconds, is no progress.
  private static let patience = 60.0
  /// Bytes that are left of a disk that is nearly full.
  private static let littleDisk = 1 << 30
  /// Rounds that a replica may be behind while it is being made ready.
  private static let behind = 2

  /// Whether the run goes on, or has finished.
  public var isHealthy: Bool { !warnings.contains { $0.severity == .problem } }

  /// What is wrong, the worst first.
  static func warnings(_ cluster: Cluster, _ workers: [WorkerStatus], _ run: RunStatus) -> [Warning] {
    var warnings: [Warning] = []
    if run.phase != .finished {
      if workers.isEmpty {
        warnings.append(
          Warning(.problem, "no worker is there: the run waits for one", remedy: "start some with grove worker"))
      } else if run.phase == .waiting, let waitsFor = run.waitsFor {
        warnings.append(
          Warning(.problem, "the run waits for \(waitsFor)", remedy: "see what each worker does below, and its log"))
      } else if let waitsFor = run.waitsFor {
        warnings.append(
          Warning(
            .notice, "the run waits for people: \(waitsFor)",
            remedy: "decide at \(cluster.dashboard.map { "\($0)desk" } ?? "the dashboard") "
              + "or with grove review \(run.words)"))
      } else if run.secondsSinceRound > max(patience, run.roundsPerSecond > 0 ? stuck / run.roundsPerSecond : 0) {
        warnings.append(
          Warning(
            .problem, "no round was done for \(Int(nearest: run.secondsSinceRound)) s",
            remedy: "see what each worker does below, and the log of one that does nothing"))
      }
    }
    if let free = cluster.diskFreeBytes, free < littleDisk {
      warnings.append(
        Warning(
          .problem, "only \(free >> 20) MiB are left on the disk of the run",
          remedy: "make room; the run ends when a checkpoint can't be written, and goes on from the one before"))
    }
    for worker in workers {
      warnings += worker.warnings
      if worker.state == "suspect" {
        warnings.append(
          Warning(
            .notice, "\(worker.id) was not heard for \(worker.lastSeenMilliseconds) ms",
            remedy: "nothing yet: its work goes to others when it is down"))
      }
      if worker.isSlow {
        warnings.append(
          Warning(
            .notice, "\(worker.id) is much slower than the others, which train without it",
            remedy: "see what else runs on \(worker.host), or grove drain \(worker.id) --run \(run.words)"))
      } else if worker.state == "up", worker.modelVersion <= run.round - behind {
        warnings.append(
          Warning(
            .notice, "\(worker.id) has the models after round \(worker.modelVersion), the run is at \(run.round)",
            remedy: "nothing if it has just joined; else see its log"))
      }
    }
    return warnings
  }
}

extension RunStatus {
  /// How commands name it.
  fileprivate var words: String { name + (options.map { " \($0)" } ?? "") }
}
