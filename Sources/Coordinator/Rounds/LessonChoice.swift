import Amplification
import ClusterFile
import Distillation
import Status
import WorkUnits

/// Between amplifying and learning: which of a round's answers become lessons. What people are to check is theirs to judge.
struct LessonChoice: Sendable {
  let acceptance: Acceptance
  /// Whether X learns of what was not accepted that it is not known.
  let abstains: Bool
  let unknown: Answer

  init(_ configuration: ClusterFile, unknown: Answer) {
    let accept = configuration.distillation.accept
    acceptance = Acceptance(
      doubt: accept.doubt < Doubt.most ? Doubt(accept.doubt) : nil, surest: accept.surest)
    abstains = configuration.distillation.abstain > 0
    self.unknown = unknown
  }

  /// What is learned of a shard.
  struct Chosen: Sendable {
    var examples: Examples
    /// The places of those that are left out.
    var left: Set<Int> = []
  }

  /// The choice is over all of a round, so that it does not depend on who amplified what.
  func choose(among shards: [Grow.Result]) -> (shards: [Chosen], counted: Lessons) {
    let answers = shards.map { $0.examples.answers.all.map { Answer($0) } }
    var refusals = acceptance.refusals(of: answers.flatMap(\.self), doubts: shards.flatMap(\.doubts))[...]
    var counted = Lessons()
    let chosen = zip(shards, answers).map { shard, answers in
      let own = Array(refusals.prefix(answers.count))
      refusals = refusals.dropFirst(answers.count)
      count(shard, own, &counted)
      let held = Set(shard.held.map(\.place))
      // `?` teaches nothing by itself: it need not be taken out.
      let left = Set(own.indices.filter { own[$0] != nil && own[$0] != .unknown }).subtracting(held)
      return abstains
        ? Chosen(examples: shard.examples.answering(unknown, at: left)) : Chosen(examples: shard.examples, left: left)
    }
    return (chosen, counted)
  }

  private func count(_ shard: Grow.Result, _ refusals: [Acceptance.Refusal?], _ counted: inout Lessons) {
    for (place, refusal) in refusals.enumerated() {
      if let refusal { counted.refused[refusal.rawValue, default: 0] += 1 } else { counted.accepted += 1 }
      guard !shard.areRight.isEmpty else { continue }
      counted.reliability.add(confidence: shard.doubts[place].confidence, isRight: shard.areRight[place])
      guard refusal == nil else { continue }
      counted.judged += 1
      counted.right += shard.areRight[place] ? 1 : 0
    }
  }
}
