import Foundation

/// Something that happened to the cluster of a run.
public struct ClusterEvent: Hashable, Sendable, Codable {
  public var time: Date
  /// The last one that was done then.
  public var round: Int
  /// Of the worker, or `coordinator`.
  public var who: String
  /// `joined`, `is down: …`
  public var what: String

  public init(time: Date, round: Int, who: String, what: String) {
    self.time = time
    self.round = round
    self.who = who
    self.what = what
  }
}
