import Amplification
import Randomness

/// LessonPool of all rounds by level: what a step learns is drawn from all of them.
///
/// Two thirds of a step are of the highest level. Of the rest, half are of the level below it, and half of any lower one: what
/// is not repeated is forgotten.
public struct LessonPool: Sendable {
  private struct Lesson: Sendable {
    let context: Context
    let question: Question
    let answer: Answer
  }

  /// From the lowest level up; none of them is empty.
  private let levels: [[Lesson]]

  public init(_ batches: some Sequence<(level: Int, examples: Examples)>) {
    var levels: [Int: [Lesson]] = [:]
    for (level, examples) in batches where examples.questions.count > 0 {
      levels[level, default: []] += examples.rows.flatMap { row in
        zip(row.questions, row.answers).map { Lesson(context: row.context, question: $0, answer: $1) }
      }
    }
    self.levels = levels.sorted { $0.key < $1.key }.map(\.value)
  }

  public var isEmpty: Bool { levels.isEmpty }

  /// What a step learns from, the levels spread evenly over it: all of its microbatches take as long.
  public func sample(_ count: Int, using random: inout CounterGenerator) -> Examples {
    let top = levels.count - 1
    let repeated = top > 0 ? count - count * 2 / 3 : 0
    return examples(
      (0..<count).compactMap { place in
        let number = place * repeated / count
        let isRepeated = (place + 1) * repeated / count > number
        let level =
          if !isRepeated { top } else if top > 1, !number.isMultiple(of: 2) { top - 1 } else {
            Int.random(in: 0..<top, using: &random)
          }
        return levels[level].randomElement(using: &random)
      })
  }

  /// What a step learns from while everything is learned in turns, in another order each: so none is left out.
  ///
  /// - Parameter places: in the row of all turns, one behind the other.
  public func turns(_ places: Range<Int>, seed: UInt64) -> Examples {
    let all = levels.flatMap(\.self)
    var (turn, order) = (-1, all)
    return examples(
      places.map { place in
        let (number, index) = place.quotientAndRemainder(dividingBy: all.count)
        if number != turn {
          var random = CounterGenerator(seed: seed, purpose: .teaching, index: number)
          (turn, order) = (number, all.shuffled(using: &random))
        }
        return order[index]
      })
  }

  private func examples(_ lessons: [Lesson]) -> Examples {
    lessons.reduce(into: Examples()) { $0.append($1.question, $1.answer, about: $1.context) }
  }
}
