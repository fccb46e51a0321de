import Randomness

/// The batches of amplified answers that the student learns from: the newest `capacity` of them.
public struct ReplayBuffer<Batch> {
  /// Batches kept at most.
  public let capacity: Int
  /// Oldest first.
  public private(set) var batches: [Batch]

  /// - Parameter batches: oldest first; more than `capacity` lose the oldest.
  public init(capacity: Int, batches: [Batch] = []) {
    precondition(capacity >= 1, "a replay buffer holds at least one batch")
    self.capacity = capacity
    self.batches = batches.suffix(capacity)
  }

  public var isEmpty: Bool { batches.isEmpty }

  /// Adds the newest batch, and drops the oldest when full.
  public mutating func append(_ batch: Batch) {
    if batches.count == capacity { batches.removeFirst() }
    batches.append(batch)
  }

  /// A batch drawn uniformly; the buffer must not be empty.
  public func sample(using random: inout CounterGenerator) -> Batch {
    batches[Int.random(in: batches.indices, using: &random)]
  }
}

extension ReplayBuffer: Sendable where Batch: Sendable {}
