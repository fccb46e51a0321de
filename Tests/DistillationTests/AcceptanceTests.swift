import Amplification
import Distillation
import Testing

/// Which answers of a batch become lessons.
struct AcceptanceTests {
  private let answers = [3, 0, 4, 5, 6].map { Answer([$0]) }
  private let doubts = [0.2, 0.0, 0.1, 2.0, 0.1].map { Doubt($0) }

  private func refusals(_ acceptance: Acceptance) -> [Acceptance.Refusal?] {
    acceptance.refusals(of: answers, doubts: doubts)
  }

  @Test func withoutRulesAllAreThatAreAnswers() {
    #expect(refusals(Acceptance()) == [nil, .unknown, nil, nil, nil])
  }

  @Test func theDoubtfulAreNot() {
    #expect(refusals(Acceptance(doubt: Doubt(0.1))) == [.doubt, .unknown, nil, .doubt, nil])
  }

  @Test func theSurestAre() {
    // Of four half; of two that are equally sure the first.
    #expect(refusals(Acceptance(surest: 0.5)) == [.surest, .unknown, nil, .surest, nil])
    #expect(refusals(Acceptance(surest: 0.25)) == [.surest, .unknown, nil, .surest, .surest])
    #expect(refusals(Acceptance(surest: 0)) == [.surest, .unknown, .surest, .surest, .surest])
  }

  @Test func rulesHoldTogether() {
    #expect(refusals(Acceptance(doubt: Doubt(0.15), surest: 0.75)) == [.doubt, .unknown, nil, .surest, nil])
  }

  @Test func otherAnswersTakeTheirPlace() {
    let examples = Examples(
      factCounts: [1], questionCounts: [2], facts: Contents(count: 1, numbers: [1]),
      questions: Contents(count: 2, numbers: [1, 2]), answers: Contents(count: 2, numbers: [7, 8]))
    let other = examples.answering(.unknown(length: 1), at: [1])
    #expect(other.answers.numbers == [7, 0] && other.questions == examples.questions && other.isWhole)
    #expect(examples.answering(.unknown(length: 1), at: []) == examples)
  }
}
