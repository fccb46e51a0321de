import Amplification
import Randomness
import Testing

@testable import Distillation

struct LessonsTests {
  private func lessons(_ name: String, _ count: Int) -> Examples {
    (0..<count).reduce(into: Examples()) {
      $0.append(Question(text: "\(name)\($1)"), Answer(text: "\($1)"), about: Context(passages: []))
    }
  }

  private func levels(_ examples: Examples) -> [String: Int] {
    examples.questions.all.reduce(into: [:]) { $0[String(($1.text ?? "").prefix(1)), default: 0] += 1 }
  }

  @Test func twoThirdsAreOfTheHighestLevel() {
    var random = CounterGenerator(seed: 1, purpose: .replay)
    let two = LessonPool([(0, lessons("a", 200)), (2, lessons("b", 50))])
    #expect(levels(two.sample(32, using: &random)) == ["b": 21, "a": 11])
    let four = LessonPool([(4, lessons("d", 9)), (0, lessons("a", 200)), (2, lessons("b", 50)), (3, lessons("c", 50))])
    let all = (0..<50).reduce(into: Examples()) { sum, _ in sum.append(four.sample(32, using: &random)) }
    let drawn = levels(all)
    // Half of the other 11 from the level below, and half from any lower one.
    #expect(drawn["d"] == 50 * 21 && (50 * 5 + 60...50 * 5 + 140).contains(drawn["c"] ?? 0))
    #expect(all.questions.count == 50 * 32 && all.isWhole)
    // Each microbatch has its share of the longest.
    let step = four.sample(32, using: &random)
    for quarter in 0..<4 {
      #expect((5...6).contains(levels(step.contexts(quarter * 8..<quarter * 8 + 8))["d"] ?? 0))
    }
    #expect(levels(LessonPool([(0, lessons("a", 3))]).sample(32, using: &random)) == ["a": 32])
  }

  @Test func inTurnsNothingIsLeftOut() {
    let all = LessonPool([(0, lessons("a", 7))])
    let parts = [0..<5, 5..<10, 10..<14].map { all.turns($0, seed: 3) }
    let texts = parts.flatMap(\.questions.all)
    #expect(Set(texts[..<7]).count == 7 && Set(texts[7...]).count == 7)
    #expect(texts == all.turns(0..<14, seed: 3).questions.all && Array(texts[..<7]) != Array(texts[7...]))
  }

  @Test func lossesOfTextsAreMeansOverCharacters() {
    var examples = Examples()
    examples.append(Question(text: "7+9="), Answer(text: "16"), about: Context(passages: []))
    examples.append(Question(text: "1+1="), Answer(text: "2"), about: Context(passages: []))
    #expect(TrainingData.examples(examples).terms == 5 && TrainingData.examples(examples).count == 2)
    let tokens = Examples(
      [Asked(Question([1]), about: 0, key: RandomKey(seed: 1, purpose: .keys))], [Answer([2])],
      in: [Context(facts: [[1]])])
    #expect(TrainingData.examples(tokens).terms == 1)
  }
}
