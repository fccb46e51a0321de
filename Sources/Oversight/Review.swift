import Amplification

extension AmplificationTree {
  /// All nodes, this one first and each before those below it, with their depth. People call them by their place, from 1.
  public var nodes: [(depth: Int, node: AmplificationTree)] {
    [(0, self)] + children.flatMap { $0.nodes.map { ($0.depth + 1, $0.node) } }
  }

  /// What comes of a tree when a person has checked it, node by node.
  ///
  /// A rejected answer takes with it what was derived from it: every answer above, up to one that the person gave. So does
  /// a corrected one, unless the person says of what is above that it stands.
  public func checked(_ verdicts: [Int: NodeVerdict], by person: String) -> Checked {
    var number = 0
    var corrections: [AmplificationTree] = []
    let root = checked(verdicts, by: .person(person), &number, &corrections)
    return Checked(answer: root.stands ? root.node.answer : nil, corrections: corrections)
  }

  private func checked(
    _ verdicts: [Int: NodeVerdict], by person: Author, _ number: inout Int, _ corrections: inout [AmplificationTree]
  ) -> (node: AmplificationTree, stands: Bool, isChanged: Bool) {
    number += 1
    let verdict = verdicts[number]
    let below = children.map { $0.checked(verdicts, by: person, &number, &corrections) }
    let partsStand = below.allSatisfy(\.stands)
    let partsChanged = below.contains(where: \.isChanged)
    var node = AmplificationTree(question, answer: answer, by: author, children: below.map(\.node))
    switch verdict {
    case .rejected: return (node, false, true)
    case .corrected(let right): node = AmplificationTree(question, answer: right, by: person, children: node.children)
    case .accepted where partsChanged && partsStand:
      node = AmplificationTree(question, answer: answer, by: person, children: node.children)
    case .accepted, nil: return (node, partsStand && !partsChanged, partsChanged)
    }
    // A person's decision, given answers that stand, is one that H′ can learn from.
    if author.isOverseer, partsStand { corrections.append(node) }
    return (node, true, true)
  }
}

/// What comes of a review.
public struct Checked: Hashable, Sendable {
  /// What X is to learn; nil: nothing.
  public let answer: Answer?
  /// Decisions of the person's, with the sub-answers that they rest on, for H′ to learn.
  public let corrections: [AmplificationTree]
}
