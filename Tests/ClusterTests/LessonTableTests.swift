import Amplification
import Testing
import WorkUnits

/// Questions taken out of a table, and put into it.
struct LessonTableTests {
  /// Two contexts of one fact, with two questions about the first and three about the second.
  private let table = LessonTable(
    factCounts: [1, 1], questionCounts: [2, 3], facts: [1, 2, 3, 4],
    questions: [10, 11, 20, 21, 30, 31, 40, 41, 50, 51],
    answers: [1, 2, 3, 4, 5])

  @Test func whatIsHeldBackIsLeftOut() {
    let rest = table.without([1, 2, 4])
    #expect(rest.questionCounts == [1, 1] && rest.answers == [1, 4] && rest.questions == [10, 11, 40, 41])
    #expect(rest.facts == table.facts && table.without([]) == table)
  }

  @Test func whatIsPassedIsAContextOfItsOwn() {
    var rest = table.without([0, 1])
    rest.append(Question([60, 61]), Answer([6]), about: Context(facts: [[7, 8], [9, 9]]))
    #expect(rest.factCounts == [1, 1, 2] && rest.questionCounts == [0, 3, 1])
    let last = rest.contexts(2..<3)
    #expect(last.facts == [7, 8, 9, 9] && last.questions == [60, 61] && last.answers == [6])
  }
}
