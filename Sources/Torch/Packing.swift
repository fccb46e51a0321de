import CTorch

/// Sequences of unequal lengths as the rows of one tensor, one behind the other: nothing is computed for filler.
public final class Packing {
  /// The rows of one sequence.
  public struct Run: Hashable, Sendable {
    /// Tokens, at least one.
    public var count: Int
    /// Tokens of the same sequence that are in a cache already.
    public var past: Int
    /// Where in the cache the sequence is.
    public var slot: Int

    public init(count: Int, past: Int = 0, slot: Int = 0) {
      self.count = count
      self.past = past
      self.slot = slot
    }
  }

  public let runs: [Run]
  let handle: OpaquePointer

  /// - Throws: ``TorchError`` if a run has no tokens.
  public init(_ runs: [Run], device: Device) throws {
    let torch = try Library.functions.get()
    let (counts, past, slots) = (runs.map { Int64($0.count) }, runs.map { Int64($0.past) }, runs.map { Int64($0.slot) })
    guard let handle = torch.pack(counts, past, slots, Int64(runs.count), device.name) else {
      throw TorchError.last("packing")
    }
    (self.runs, self.handle) = (runs, handle)
  }

  deinit { torch.unpack(handle) }

  /// The last row of each run.
  public var lastRows: [Int32] {
    var end = 0
    return runs.map { run in
      end += run.count
      return Int32(end - 1)
    }
  }
}
