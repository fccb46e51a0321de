import Amplification
import Randomness
import Testing

/// Numbers: `[n]` asks for the sum 1 + … + n; n ≤ 1 is looked up; H asks for n − 1 and adds n.
private struct Sums: Facts {
  let unknown = Answer.unknown(length: 1)

  func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard question.tokens.count == 1, let n = question.tokens.first, n >= 0 else { return .malformed }
    return n <= 1 ? .primitive(Answer([n])) : .open
  }

  static let overseer = ScriptedOverseer { transcript, _ in
    guard let n = transcript.question.tokens.first else { return .answer(Answer([0])) }
    guard let heard = transcript.steps.first?.answer.tokens.first else { return .ask(Question([n - 1])) }
    return .answer(Answer([heard + n]))
  }
}

/// Always answers 100, and counts how often it is asked.
private final class Hundred: Answerer {
  let author = Author.answerer(role: "teacher", step: 3)
  var batches: [Int] = []

  func reply(to asked: [Asked], in contexts: [Context]) -> [Reply] {
    batches.append(asked.count)
    return asked.map { _ in Reply(Answer([100]), by: author) }
  }
}

struct AmplifierTests {
  private let context = Context(facts: [])
  private let key = RandomKey(seed: 0, purpose: .questions)

  private func amplify(_ numbers: [Token], depth: Int, _ answerer: Hundred = Hundred()) async throws
    -> [AmplificationTree]
  {
    try await Amplifier(overseer: Sums.overseer, answerer: answerer, facts: Sums(), mostSteps: 1)
      .amplify(numbers.map { Asked(Question([$0]), about: 0, key: key) }, in: [context], depth: depth)
  }

  @Test func depthOneAsksXForSubQuestions() async throws {
    let tree = try #require(try await amplify([3], depth: 1).first)
    #expect(tree.answer == Answer([103]))
    #expect(tree.author == .scripted)
    #expect(tree.children.map(\.author) == [.answerer(role: "teacher", step: 3)])
  }

  @Test func primitiveSubQuestionsAreLookedUp() async throws {
    let answerer = Hundred()
    let tree = try #require(try await amplify([2], depth: 1, answerer).first)
    #expect(tree.answer == Answer([3]))
    #expect(tree.children.map(\.author) == [.lookUp])
    #expect(answerer.batches.isEmpty)
  }

  @Test func deeperTreesAreAmplifiedFurther() async throws {
    let tree = try #require(try await amplify([4], depth: 3).first)
    #expect(tree.answer == Answer([1 + 2 + 3 + 4]))
    #expect(tree.subQuestions == 3)
  }

  @Test func aBatchAdvancesInLockstep() async throws {
    let answerer = Hundred()
    let trees = try await amplify([5, 2, 7], depth: 1, answerer)
    #expect(trees.map(\.answer.tokens) == [[105], [3], [107]])
    #expect(answerer.batches == [2])
  }

  @Test func malformedSubQuestionsAreAnsweredUnknown() async throws {
    let tree = try #require(try await amplify([0], depth: 1).first)
    #expect(tree.children.first?.author == .malformed)
    #expect(tree.children.first?.answer == Answer([0]))
  }

  @Test func anOverseerWithoutEndAnswersUnknown() async throws {
    let endless = ScriptedOverseer { _, _ in .ask(Question([9])) }
    let tree = try await Amplifier(overseer: endless, answerer: Hundred(), facts: Sums(), mostSteps: 4)
      .amplify([Asked(Question([9]), about: 0, key: key)], in: [context]).first
    #expect(tree?.answer == Answer([0]))
    #expect(tree?.children.count == 4)
  }

  @Test func whatWasAnsweredIsNotAnsweredAgain() async throws {
    let answerer = Hundred()
    let trees = try await amplify([5, 5, 4], depth: 2, answerer)
    // The second [4] is remembered; that of the last question is not, for it is asked at another depth.
    #expect(trees.map(\.answer.tokens) == [[109], [109], [107]])
    #expect(trees.map { $0.children.map(\.author) } == [[.scripted], [.memo], [.scripted]])
    #expect(trees.map(\.memoHits) == [0, 1, 0])
    #expect(answerer.batches == [2])
    #expect(trees[1].children[0].children.isEmpty)
  }

  @Test func anotherContextIsNotRemembered() async throws {
    func hits(_ contexts: [Context]) async throws -> (memo: [Int], asked: [Int]) {
      let answerer = Hundred()
      let trees = try await Amplifier(overseer: Sums.overseer, answerer: answerer, facts: Sums(), mostSteps: 1)
        .amplify([0, 1].map { Asked(Question([5]), about: $0, key: key) }, in: contexts)
      return (trees.map(\.memoHits), answerer.batches)
    }
    let facts = try await hits([Context(facts: [[1]]), Context(facts: [[2]])])
    #expect(facts.memo == [0, 0] && facts.asked == [2])
    // What is about no facts is about the same.
    let none = try await hits([context, context])
    #expect(none.memo == [0, 1] && none.asked == [1])
  }

  @Test func transcriptsFlattenOneNode() async throws {
    let tree = try #require(try await amplify([4], depth: 2).first)
    #expect(tree.transcript.steps == [.init(Question([3]), Answer([103]))])
    #expect(tree.transcript.answer == tree.answer)
  }
}

struct CurriculumTests {
  @Test func itRisesAfterFiftyGoodBatches() {
    var curriculum = Curriculum(from: 8, to: 10)
    for _ in 0..<50 { curriculum.observe(agreement: 1) }
    #expect(curriculum.elements == 8)
    curriculum.observe(agreement: 1)
    #expect(curriculum.elements == 9)
    #expect(curriculum.agreement == 0)
  }

  @Test func itStaysWhileTheTeacherDisagreesAndAtTheGoal() {
    var curriculum = Curriculum(from: 8, to: 9)
    for _ in 0..<500 { curriculum.observe(agreement: 0.8) }
    #expect(curriculum.elements == 8)
    for _ in 0..<500 { curriculum.observe(agreement: 1) }
    #expect(curriculum.elements == 9 && curriculum.isComplete)
  }
}

struct ImitationTests {
  @Test func hIsAskedUntilHPrimeIsTrusted() {
    var imitation = Imitation(budget: 1000, perRound: 50, trust: 0.02)
    #expect(imitation.wanted() == 50 && !imitation.isTrusted && imitation.effort == 0)
    imitation.observed(50, loss: 2)
    #expect(imitation.wanted() == 50 && imitation.effort == 1)
    imitation.observed(50, loss: 0.01)
    #expect(imitation.heldOutLoss == 0.01)
    #expect(imitation.wanted() == 0 && imitation.isTrusted && imitation.given == 100)
    imitation.trained(loss: 0.001)
    #expect(imitation.effort == 0.5)
    // What it hears later may be new to it, however well it knows what it heard.
    imitation.observed(50, loss: 2)
    #expect(imitation.effort == 1)
  }

  /// Decompositions given in 100 rounds, if H′ was trusted and the loss is then always this.
  private func asked(loss: Double) -> Int {
    var imitation = Imitation(budget: 2000, perRound: 10, trust: 0.1)
    imitation.observed(100, loss: 0.1)
    imitation.observed(50, loss: loss)
    for _ in 0..<100 {
      let wanted = imitation.wanted()
      imitation.observed(wanted, loss: loss)
    }
    return imitation.given - 150
  }

  @Test func trustedItIsAskedInProportionToTheLoss() {
    #expect((450...500).contains(asked(loss: 0.1)))
    #expect((130...150).contains(asked(loss: 0.03)))
    // However little H′ errs now, X's answers change, and one that is never asked about them would not tell.
    #expect((40...50).contains(asked(loss: 0.0001)))
    // What H′ does not know comes up while X learns from what it does; so neither runs away from the other.
    #expect((450...500).contains(asked(loss: 3)))
  }

  /// A fifth of the budget comes as questions become harder.
  @Test func partOfTheBudgetIsKeptForHarderQuestions() {
    func given(_ difficulty: Double) -> Int {
      var imitation = Imitation(budget: 1000, perRound: 50, trust: 0.1)
      for _ in 0..<500 { imitation.observed(imitation.wanted(difficulty: difficulty), loss: 2) }
      return imitation.given
    }
    #expect(given(0.5) == 900 && given(0.75) == 950 && given(1) == 1000)
    var curriculum = Curriculum(from: 8, to: 16)
    #expect(curriculum.difficulty == 0.5)
    for _ in 0..<1000 { curriculum.observe(agreement: 1) }
    #expect(curriculum.difficulty == 1)
  }

  @Test func harderQuestionsAreAskedAboutAtOnce() {
    var imitation = Imitation(budget: 1000, perRound: 50, trust: 0.1)
    imitation.observed(100, loss: 0.0001)
    #expect(imitation.wanted() == 0)
    imitation.questionsChanged()
    #expect(imitation.wanted() == 5)
  }

  @Test func withHalfTheBudgetGivenHPrimeIsTrustedWhateverItKnows() {
    var imitation = Imitation(budget: 70, perRound: 25, trust: 0.02)
    imitation.observed(25, loss: 2)
    #expect(imitation.wanted() == 25 && !imitation.isTrusted)
    imitation.observed(25, loss: 2)
    #expect(imitation.isTrusted)
    for _ in 0..<500 { imitation.observed(imitation.wanted(), loss: 2) }
    #expect(imitation.given == 70 && imitation.wanted() == 0)
  }
}
