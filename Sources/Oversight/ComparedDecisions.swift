import Amplification
import Foundation
import RunStore
import Tasks

/// The decisions that two people took about the same question after hearing the same.
func comparedDecisions(of judgments: [Journal.Judgment], _ task: any TaskDefinition) -> [(String, String)] {
  let byQuestion = Dictionary(grouping: judgments.filter { Desk.isPerson($0.person) }) {
    QuestionID(QuestionID.Kind(rawValue: $0.kind) ?? .decomposition, round: $0.round, place: $0.place)
  }
  return byQuestion.sorted { $0.key < $1.key }.flatMap { _, records -> [(String, String)] in
    let two = records.prefix(2).compactMap { try? JSONDecoder().decode(Judgment.self, from: Data($0.body.utf8)) }
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
