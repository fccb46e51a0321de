import Amplification
import ClusterFile
import Distillation
import Tasks
import Testing
import WorkUnits

@testable import Coordinator

/// What becomes a lesson of what workers amplified.
struct LessonChoiceTests {
  private let task = Permutation(size: 5, bits: 3)

  /// Two questions about each of two contexts.
  private func grown(_ answers: [Token], _ doubts: [Double], areRight: [Bool] = []) -> Grow.Result {
    let batch = task.sample(.contexts, seed: 1, round: 1, 0..<2, elements: 5, questions: 2)
    var result = Grow.Result(
      examples: Examples(batch.asked, answers.map { Answer([$0]) }, in: batch.contexts),
      doubts: doubts.map { Doubt($0) }, agreed: 0, questions: 4, subQuestions: 0, memoHits: 0)
    result.areRight = areRight
    return result
  }

  private func choice(_ settings: String...) throws -> LessonChoice {
    LessonChoice(try ClusterFile().setting(settings), unknown: task.unknown)
  }

  @Test func byDefaultAllAreLearned() throws {
    let shards = [grown([6, 7, 0, 8], [9, 0, 0, 1])]
    let (chosen, counted) = try choice().choose(among: shards)
    #expect(chosen[0].examples == shards[0].examples && chosen[0].left.isEmpty)
    #expect(counted.accepted == 3 && counted.refused == ["unknown": 1] && counted.accuracy == nil)
  }

  /// Who amplified what is of no account.
  @Test func theSurestAreThoseOfTheRound() throws {
    let choice = try choice("distillation.accept.surest=0.5")
    let shards = [grown([6, 7, 6, 8], [9, 8, 7, 6]), grown([6, 7, 6, 8], [1, 2, 3, 4])]
    #expect(choice.choose(among: shards).shards.map(\.left) == [[0, 1, 2, 3], []])
    #expect(choice.choose(among: shards.reversed()).shards.map(\.left) == [[], [0, 1, 2, 3]])
  }

  @Test func whatIsNotAcceptedIsLearnedAsUnknown() throws {
    let shards = [grown([6, 7, 6, 8], [0.5, 0, 0.5, 0], areRight: [false, true, true, false])]
    let (chosen, counted) = try choice("distillation.accept.doubt=0.3", "distillation.abstain=0.5")
      .choose(among: shards)
    #expect(chosen[0].examples.answers.numbers == [0, 7, 0, 8] && chosen[0].left.isEmpty)
    #expect(counted.acceptedShare == 0.5 && counted.refused == ["doubt": 2] && counted.accuracy == 0.5)
    #expect(counted.reliability.count == 4 && counted.reliability.accuracy == 0.5)
  }

  /// Where nobody knows the truth, and where what is told of it is a lie, X learns the same.
  @Test func theTruthIsOnlyShown() throws {
    let choice = try choice("distillation.accept.doubt=0.3", "distillation.accept.surest=0.7", "distillation.abstain=1")
    let learned = [[], [true, true, false, false], [false, false, true, true]].map { areRight in
      choice.choose(among: [grown([6, 7, 6, 8], [0.5, 0, 0.1, 0.2], areRight: areRight)]).shards[0]
    }
    #expect(Set(learned.map(\.examples)).count == 1 && Set(learned.map(\.left)).count == 1)
    #expect(learned[0].examples.answers.numbers == [0, 7, 6, 8])
  }

  @Test func whatPeopleCheckIsTheirs() throws {
    var shard = grown([6, 7, 6, 8], [9, 9, 0, 0])
    let tree = AmplificationTree(Question([1, 6, 7, 6]), answer: Answer([6]), by: .scripted)
    shard.held = [HeldAnswer(place: 0, context: Context(facts: []), tree: tree)]
    #expect(try choice("distillation.accept.doubt=1").choose(among: [shard]).shards[0].left == [1])
  }
}
