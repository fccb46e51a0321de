/// What `grove run --json` prints of a run that was stopped before its end, in place of a result.
public struct StoppedRun: Hashable, Sendable, Codable {
  public var name: String
  public var task: String
  public var finished = false
  /// The round that was done last, of at most how many.
  public var round: Int
  public var rounds: Int
  public var why = "it was asked to stop; the same command goes on from there"
  /// What of people was waited for; nil: training went on.
  public var waitsFor: String?
  /// Where people looked and decided, and will again when the run goes on; nil: nowhere.
  public var dashboard: String?

  enum CodingKeys: String, CodingKey {
    case name, task, finished, round, rounds, why, dashboard
    case waitsFor = "waits_for"
  }

  public init(_ status: ClusterStatus) {
    (name, task, round, rounds) = (status.run.name, status.run.task, status.run.round, status.run.rounds)
    waitsFor = status.run.waitsFor
    dashboard = status.cluster.dashboard
  }
}
