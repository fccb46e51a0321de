import Amplification

/// How the scripted overseer decides which vertex is next on a way: the better of what X proposes and of a neighbour drawn
/// at random, as X's own distances from there tell. Where X proposes none, another neighbour is drawn in its place: that
/// there is a way one neighbour shows, that there is none only all of them.
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
  let isVertex: (Token) -> Bool
  /// How far it is from a vertex.
  let distance: (Token) -> Question
  /// Whether it is a length at all; of two, the lesser one is the shorter.
  let isLength: (Token) -> Bool
  /// The answer if from neither a way is known.
  let none: Answer

  /// - Parameter heard: the answers so far, from that to the question asked again.
  func decide(_ heard: [Token]) -> Decision {
    guard let proposal = heard.first else { return .ask(question) }
    let isProposed = isVertex(proposal)
    switch heard.count {
    case 1: return .ask(isProposed ? edge(proposal) : neighbor)
    case 2: return .ask(distance(isProposed ? proposal : heard[1]))
    case 3: return .ask(neighbor)
    case 4: return .ask(distance(heard[3]))
    default: break
    }
    let first = isLength(heard[2]) && !(isProposed && heard[1] != yes) ? heard[2] : .max
    let second = isLength(heard[4]) ? heard[4] : .max
    if min(first, second) == .max { return .answer(none) }
    return .answer(Answer([first > second ? heard[3] : isProposed ? proposal : heard[1]]))
  }
}
