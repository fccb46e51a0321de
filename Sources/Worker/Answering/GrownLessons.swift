import Amplification
import Distillation
import Tasks

/// What is learned of amplified questions: of each context the questions that were asked of it, then sub-questions that were
/// amplified on the way.
struct GrownLessons {
  private(set) var asked: [Asked] = []
  private(set) var answers: [Answer] = []
  private(set) var doubts: [Doubt] = []
  /// Where the questions that were asked of a context are among all of them.
  private(set) var places: [Int] = []

  /// - Parameters:
  ///   - trees: of the questions, context by context.
  ///   - inner: most sub-questions for each of them.
  init(_ trees: [AmplificationTree], of roots: [Asked], inner: Int) {
    for (_, rows) in Dictionary(grouping: roots.indices, by: { roots[$0].context }).sorted(by: { $0.key < $1.key }) {
      var known: Set<Question> = []
      for row in rows {
        places.append(asked.count)
        known.insert(trees[row].question)
        append(trees[row], like: roots[row])
      }
      var left = inner * rows.count
      for row in rows {
        for tree in trees[row].amplified where left > 0 && known.insert(tree.question).inserted {
          append(tree, like: roots[row])
          left -= 1
        }
      }
    }
  }

  private mutating func append(_ tree: AmplificationTree, like root: Asked) {
    asked.append(Asked(tree.question, about: root.context, key: root.key))
    answers.append(tree.answer)
    doubts.append(tree.jointDoubt)
  }
}
