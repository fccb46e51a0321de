import Amplification
import RunStore
import Tasks

/// What people decided about the same questions.
struct ComparedDecisions: Sendable {
  private(set) var agreement = Agreement()
  /// The decisions that two took about each question.
  private(set) var pairs: [QuestionID: [(String, String)]] = [:]

  /// Compares anew what was judged of a question.
  mutating func compare(
    _ judgments: [(record: Journal.Judgment, judgment: Judgment)], about id: QuestionID, _ task: any TaskDefinition
  ) {
    for pair in pairs[id] ?? [] { agreement.count(pair, times: -1) }
    let byPeople = judgments.filter { Desk.isPerson($0.record.person) }.map(\.judgment)
    let decided = Self.decisions(of: byPeople, task)
    for pair in decided { agreement.count(pair) }
    pairs[id] = decided.isEmpty ? nil : decided
  }

  /// κ if people had not been asked a question.
  func kappa(without id: QuestionID) -> Double? {
    var others = agreement
    for pair in pairs[id] ?? [] { others.count(pair, times: -1) }
    return others.kappa
  }

  /// The decisions that the first two took after hearing the same.
  private static func decisions(of judgments: [Judgment], _ task: any TaskDefinition) -> [(String, String)] {
    let two = judgments.prefix(2)
    guard two.count == 2, two[0].subject == two[1].subject else { return [] }
    var pairs: [(String, String)] = []
    for (one, other) in zip(two[0].decisions(task), two[1].decisions(task)) {
      pairs.append((one.decided, other.decided))
      if one != other { break }
    }
    return pairs
  }
}

extension Judgment {
  /// What was decided, step by step, and what was heard then.
  fileprivate func decisions(_ task: any TaskDefinition) -> [Decided] {
    switch verdict {
    case .decomposed(let tree):
      tree.children.map { Decided(decided: task.write($0.question), heard: task.write($0.answer)) }
        + [Decided(decided: "= \(task.write(tree.answer))", heard: "")]
    case .passed, .unreviewed: []
    case .flagged: [Decided(decided: "flag", heard: "")]
    case .reviewed(let verdicts):
      subject.nodes.indices.map { place in
        let decided =
          switch verdicts[place + 1] ?? .accepted {
          case .accepted: "ok"
          case .rejected: "no"
          case .corrected: "corrected"
          }
        return Decided(decided: decided, heard: "")
      }
    }
  }

  fileprivate struct Decided: Hashable {
    let decided: String
    let heard: String
  }
}
