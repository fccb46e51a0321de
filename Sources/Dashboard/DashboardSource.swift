import Foundation
import Oversight
import Status

/// Where the pages have what they show from.
public protocol DashboardSource: Sendable {
  /// The cluster now; nil if no coordinator runs here.
  func status() async -> ClusterStatus?
  /// The runs there are, in any order.
  func runs() async -> [RunSummary]
  /// All that is kept of a run; nil if there is none of that name.
  func run(_ name: String) async -> RunRecord?
  /// The trees of a round of a run; none if none were kept.
  func trees(of run: String, round: Int) async -> [KeptTree]
  /// A file of a run, as it is kept or made of what is kept; nil: there is none.
  ///
  /// - Throws: a sentence, if it can't be made.
  func file(_ file: RunFile, of run: String) async throws -> Data?
  /// Where people decide in the run that goes on in this process; nil: none does.
  var desk: Desk? { get }
  /// What people judged in a run; nil if there is none of that name.
  func ledger(of run: String) async -> Ledger?
  /// What people read about Grove.
  func documents() async -> [Document]
  /// What Prometheus reads; nil if nothing is counted here.
  func metrics() async -> String?
}

extension DashboardSource {
  public func ledger(of run: String) async -> Ledger? { nil }
  public func documents() async -> [Document] { [] }
}

/// A run in a list.
public struct RunSummary: Hashable, Sendable, Encodable {
  public enum State: String, Hashable, Sendable, Encodable { case finished, unfinished }

  public var name: String
  public var task: String
  public var state: State
  /// When it was begun, if that is known.
  public var started: Date?
  /// How long it has computed.
  public var seconds: Double
  public var rounds: Int
  public var steps: Int
  /// What was measured last.
  public var accuracy: Accuracy.Row?
  /// By path, those that say what is computed.
  public var settings: [String: String]
  /// What can't be read of it.
  public var problem: String?

  public init(name: String, task: String, state: State) {
    self.name = name
    self.task = task
    self.state = state
    seconds = 0
    rounds = 0
    steps = 0
    settings = [:]
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
  /// What of it is lost or can't be read, each a sentence.
  public var problems: [String]

  public init(
    name: String, task: String, configuration: String, history: [MetricsLine], result: RunResult?,
    events: [ClusterEvent], roundsWithTrees: [Int], problems: [String] = []
  ) {
    self.name = name
    self.task = task
    self.configuration = configuration
    self.history = history
    self.result = result
    self.events = events
    self.roundsWithTrees = roundsWithTrees
    self.problems = problems
  }
}
