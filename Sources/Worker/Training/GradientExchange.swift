import ActorCluster
import Distillation
import Torch
import WorkUnits

/// Sums this member's gradient shard from the parts of all members, in the canonical order.
actor GradientExchange {
  private struct Reduction {
    /// Of each rank.
    var parts: [Int: [ReductionTree.Node: [Float]]] = [:]
    var waiting: [Int: CheckedContinuation<Bulk, any Error>] = [:]

    mutating func leaveOut(from rank: Int) { parts = parts.filter { $0.key < rank } }

    var numbers: Int { parts.values.reduce(0) { $0 + GradientExchange.numbers(in: $1) } }
  }

  /// Reductions under way: there is one at a time, and members may be an attempt or two ahead.
  private static let most = 8
  /// Of any team.
  private static let mostMembers = 4096

  private var tree = ReductionTree(leaves: 1)
  private var members = 0
  private var nextTicket = 0
  private var current = 0
  private var reductions: [GradientKey: Reduction] = [:]
  /// Numbers that all parts of a reduction have together, at most.
  private var mostNumbers: Int

  /// - Parameter mostNumbers: as for ``expect(atMost:)``.
  init(mostNumbers: Int = 1 << 28) { self.mostNumbers = mostNumbers }

  /// Sums that are not complete.
  var open: Int { reductions.count }

  func isOpen(_ key: GradientKey) -> Bool { reductions[key] != nil }

  /// Gets ready for models.
  ///
  /// - Parameter mostNumbers: in all parts of a gradient.
  func expect(atMost mostNumbers: Int) { self.mostNumbers = mostNumbers }

  /// Begins a training attempt; whoever waits for an older one is told that it was given up.
  func begin(attempt: Int, members: Int, leaves: Int) {
    current = attempt
    self.members = members
    tree = ReductionTree(leaves: leaves)
    for key in reductions.keys where key.attempt < attempt { end(key, with: SupersededError()) }
    // Parts may have come before the attempt began here.
    for key in reductions.keys where key.attempt == attempt {
      reductions[key]?.leaveOut(from: members)
      finishIfComplete(key)
    }
  }

  /// Adds a member's part, and waits for the sum of all.
  ///
  /// A part that comes twice counts once; one for an older attempt is refused with ``SupersededError``. Parts for attempts
  /// to come are kept, but no more than can be meant: of too many, the farthest are given up.
  func contribute(_ parts: [ReductionTree.Node: [Float]], rank: Int, to key: GradientKey) async throws -> Bulk {
    guard key.attempt >= current else { throw SupersededError() }
    let ranks = 0..<(key.attempt == current ? members : Self.mostMembers)
    guard ranks.contains(rank), Self.numbers(in: parts) <= mostNumbers else {
      throw RemoteCallError(.malformed, "the part of rank \(rank) is none of a gradient that \(ranks.count) sum")
    }
    reductions[key, default: Reduction()].parts.merge([rank: parts]) { first, _ in first }
    let ticket = nextTicket
    nextTicket += 1
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
        reductions[key]?.waiting[ticket] = continuation
        finishIfComplete(key)
        giveUpFarthest()
      }
    } onCancel: {
      Task { await giveUp(ticket, key) }
    }
  }

  private static func numbers(in parts: [ReductionTree.Node: [Float]]) -> Int {
    parts.values.reduce(0) { $0 + $1.count }
  }

  private func giveUp(_ ticket: Int, _ key: GradientKey) {
    reductions[key]?.waiting.removeValue(forKey: ticket)?.resume(throwing: CancellationError())
    // Whose parts nobody waits for any more, they are of an attempt that was given up.
    if reductions[key]?.waiting.isEmpty == true { reductions[key] = nil }
  }

  /// Who sends parts that nobody asked for does not fill this worker's memory with them.
  private func giveUpFarthest() {
    while reductions.count > Self.most || reductions.count > 1 && numbers > 2 * mostNumbers {
      guard let farthest = reductions.keys.max(by: { ($0.attempt, $0.step) < ($1.attempt, $1.step) }) else { return }
      end(farthest, with: RemoteCallError(.overloaded, "parts of more gradients came than can be summed at a time"))
    }
  }

  private var numbers: Int { reductions.values.reduce(0) { $0 + $1.numbers } }

  private func end(_ key: GradientKey, with error: any Error) {
    for waiting in reductions.removeValue(forKey: key)?.waiting.values ?? [:].values { waiting.resume(throwing: error) }
  }

  private func finishIfComplete(_ key: GradientKey) {
    guard key.attempt == current, reductions[key]?.parts.count == members,
      var reduction = reductions.removeValue(forKey: key)
    else { return }
    var parts: [ReductionTree.Node: [Float]] = [:]
    for rank in 0..<members { parts.merge(reduction.parts[rank] ?? [:]) { first, _ in first } }
    // They are added up where they are.
    reduction.parts = [:]
    let fit = Set(parts.values.map(\.count)).count == 1
    guard fit, let sum = tree.sum(from: &parts, adding: add) else {
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
