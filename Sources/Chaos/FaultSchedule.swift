import Randomness

/// Something that goes wrong with a cluster.
public enum Fault: String, CaseIterable, Hashable, Sendable, Codable {
  /// A worker is killed, and another is started in its place.
  case kill
  /// A worker stands still for longer than the failure time-out, and then goes on.
  case pause
  /// A worker is ten times slower for a while.
  case slow
  /// The coordinator is killed, and started again.
  case coordinator
  /// What a worker and the others say to each other comes 200 ms late, give or take 100.
  case delay
  /// One in twenty packets between a worker and the others is lost.
  case loss
  /// A worker is cut off from the others for longer than the failure time-out.
  case cut
  /// What two workers send each other is lost, one way, for longer than the failure time-out.
  case oneWay = "one-way"
  /// A worker is reached by the coordinator alone for a while.
  case island
  /// The thread that computes in a worker stands still for good, while its heart beats.
  case hang
  /// Far more connections than anybody needs are opened to every port, and held for a while.
  case flood
  /// The disk of the logs is full for a while.
  case log

  /// Whether it happens to the network between hosts.
  public var isOfNetwork: Bool { [.delay, .loss, .cut, .oneWay, .island].contains(self) }
}

/// Which fault strikes when and whom: a pure function of the seed.
public struct FaultSchedule: Hashable, Sendable, Sequence {
  /// One fault.
  public struct Entry: Hashable, Sendable {
    /// Since the fault before, or the start.
    public let after: Duration
    public let fault: Fault
    /// 0 ..< workers; of no meaning for the coordinator.
    public let worker: Int
  }

  private let faults: [Fault]
  private let seed: UInt64
  private let every: Double
  private let workers: Int

  /// - Parameters:
  ///   - faults: at least one.
  ///   - every: seconds between two faults; what lies between is drawn from 0.5 to 1.5 times that.
  ///   - workers: at least one.
  public init(_ faults: [Fault], seed: UInt64, every: Double, workers: Int) {
    precondition(!faults.isEmpty && workers > 0)
    self.faults = faults
    self.seed = seed
    self.every = every
    self.workers = workers
  }

  /// The faults in turn, in an order that is drawn anew for each turn, without end.
  public func makeIterator() -> AnyIterator<Entry> {
    var random = CounterGenerator(seed: seed, purpose: .faults)
    var turn: [Fault] = []
    return AnyIterator {
      if turn.isEmpty { turn = faults.shuffled(using: &random) }
      let after = Double.random(in: 0.5..<1.5, using: &random) * every
      return Entry(
        after: .milliseconds(Int(after * 1000)), fault: turn.removeLast(),
        worker: Int.random(in: 0..<workers, using: &random))
    }
  }
}
