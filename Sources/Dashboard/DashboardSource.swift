import Oversight
import Status

/// Where the pages have what they show from.
public protocol DashboardSource: Sendable {
  /// The cluster now; nil if no coordinator runs here.
  func status() async -> ClusterStatus?
  /// The runs there are, newest first.
  func runs() async -> [RunSummary]
  /// All that is kept of a run; nil if there is none of that name.
  func run(_ name: String) async -> RunRecord?
  /// The trees of a round of a run; none if none were kept.
  func trees(of run: String, round: Int) async -> [KeptTree]
  /// Where people decide in the run that goes on in this process; nil: none does.
  var desk: Desk? { get }
  /// What people judged in a run; nil if there is none of that name.
  func ledger(of run: String) async -> Ledger?
  /// What Prometheus reads; nil if nothing is counted here.
  func metrics() async -> String?
}

extension DashboardSource {
  public func ledger(of run: String) async -> Ledger? { nil }
}

/// A run in a list.
public struct RunSummary: Hashable, Sendable {
  public var name: String
  public var task: String
  public var isFinished: Bool
  /// What was measured last.
  public var newest: MetricsLine?

  public init(name: String, task: String, isFinished: Bool, newest: MetricsLine?) {
    self.name = name
    self.task = task
    self.isFinished = isFinished
    self.newest = newest
  }
}

/// What is kept of a run.
public struct RunRecord: Hashable, Sendable {
  public var name: String
  public var task: String
  /// `cluster.yaml` as it was in force.
  public var configuration: String
  /// What was measured, oldest first.
  public var history: [MetricsLine]
  /// What it came to; nil if it is not finished.
  public var result: RunResult?
  /// What happened to its cluster, oldest first.
  public var events: [ClusterEvent]
  /// The rounds of which trees were kept, newest first.
  public var roundsWithTrees: [Int]
  /// What is missing of it, a sentence each.
  public var problems: [String] = []

  public init(
    name: String, task: String, configuration: String, history: [MetricsLine], result: RunResult?,
    events: [ClusterEvent], roundsWithTrees: [Int]
  ) {
    self.name = name
    self.task = task
    self.configuration = configuration
    self.history = history
    self.result = result
    self.events = events
    self.roundsWithTrees = roundsWithTrees
  }
}
