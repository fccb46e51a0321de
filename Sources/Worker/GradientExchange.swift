import ActorCluster
import Distillation
import Torch
import WorkUnits

/// Sums this member's gradient shard from the parts of all members, in the canonical order.
actor GradientExchange {
  private struct Reduction {
    var parts: [ReductionTree.Node: [Float]] = [:]
    var contributors: Set<Int> = []
    var waiting: [Int: CheckedContinuation<Bulk, any Error>] = [:]
  }

  private var tree = ReductionTree(leaves: 1)
  private var members = 0
  private var nextTicket = 0
  private var current = 0
  private var reductions: [GradientKey: Reduction] = [:]

  /// Begins a training attempt; whoever waits for an older one is told that it was given up.
  func begin(attempt: Int, members: Int, leaves: Int) {
    current = attempt
    self.members = members
    tree = ReductionTree(leaves: leaves)
    let old = reductions.filter { $0.key.attempt < attempt }
    for (key, reduction) in old {
      reductions[key] = nil
      for waiting in reduction.waiting.values { waiting.resume(throwing: SupersededError()) }
    }
    // Parts may have come before the attempt began here.
    for key in reductions.keys { finishIfComplete(key) }
  }

  /// Adds a member's part, and waits for the sum of all.
  ///
  /// A part that comes twice counts once; one for an older attempt is refused with ``SupersededError``.
  func contribute(_ parts: [ReductionTree.Node: [Float]], rank: Int, to key: GradientKey) async throws -> Bulk {
    guard key.attempt >= current else { throw SupersededError() }
    if reductions[key, default: Reduction()].contributors.insert(rank).inserted {
      reductions[key]?.parts.merge(parts) { first, _ in first }
    }
    let ticket = nextTicket
    nextTicket += 1
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
        reductions[key]?.waiting[ticket] = continuation
        finishIfComplete(key)
      }
    } onCancel: {
      Task { await giveUp(ticket, key) }
    }
  }

  private func giveUp(_ ticket: Int, _ key: GradientKey) {
    reductions[key]?.waiting.removeValue(forKey: ticket)?.resume(throwing: CancellationError())
  }

  private func finishIfComplete(_ key: GradientKey) {
    guard key.attempt == current, reductions[key]?.contributors.count == members,
      var reduction = reductions.removeValue(forKey: key)
    else { return }
    let fit = Set(reduction.parts.values.map(\.count)).count == 1
    guard fit, let sum = tree.sum(from: &reduction.parts, adding: add) else {
      for waiting in reduction.waiting.values {
        waiting.resume(throwing: RemoteCallError(.malformed, "the members' parts are not all of the gradient"))
      }
      return
    }
    let shared = Bulk(sum)
    for waiting in reduction.waiting.values { waiting.resume(returning: shared) }
  }
}

extension GradientPart {
  /// The runs and their sums; nil if they don't fit together.
  var parts: [ReductionTree.Node: [Float]]? {
    guard nodes.count.isMultiple(of: 2), let numbers = sums.elements(Float.self) else { return nil }
    let count = nodes.count / 2
    guard count > 0 else { return numbers.isEmpty ? [:] : nil }
    guard numbers.count.isMultiple(of: count) else { return nil }
    let length = numbers.count / count
    var parts: [ReductionTree.Node: [Float]] = [:]
    for index in 0..<count {
      let (lower, upper) = (Int(nodes[2 * index]), Int(nodes[2 * index + 1]))
      guard lower >= 0, lower < upper else { return nil }
      parts[lower..<upper] = Array(numbers[index * length..<(index + 1) * length])
    }
    return parts
  }
}
