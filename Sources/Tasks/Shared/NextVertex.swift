import Amplification

/// How the scripted overseer decides which vertex is next on a way: the better of what X proposes and of a neighbour drawn
/// at random, as X's own distances from there tell.
///
/// Always the same sub-questions in the same order, also where the answer is plain before: so it is easier to imitate.
struct NextVertex {
  /// Asked again, so that X proposes.
  let question: Question
  /// A neighbour drawn at random.
  let neighbor: Question
  /// Whether there is an edge to a vertex, to which the answer is `yes`.
  let edge: (Token) -> Question
  let yes: Token
  /// How far it is from a vertex.
  let distance: (Token) -> Question
  /// Whether it is a length at all; of two, the lesser one is the shorter.
  let isLength: (Token) -> Bool
  /// The answer if from neither a way is known.
  let none: Answer

  /// - Parameter heard: the answers so far, from that to the question asked again.
  func decide(_ heard: [Token]) -> Decision {
    switch heard.count {
    case 0: return .ask(question)
    case 1: return .ask(edge(heard[0]))
    case 2: return .ask(distance(heard[0]))
    case 3: return .ask(neighbor)
    case 4: return .ask(distance(heard[3]))
    default: break
    }
    let proposed = heard[1] == yes && isLength(heard[2]) ? heard[2] : .max
    let drawn = isLength(heard[4]) ? heard[4] : .max
    if min(proposed, drawn) == .max { return .answer(none) }
    return .answer(Answer([proposed <= drawn ? heard[0] : heard[3]]))
  }
}
