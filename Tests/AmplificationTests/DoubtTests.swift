import Amplification
import Foundation
import Randomness
import Testing

/// Numbers: `[n]` asks for the sum 1 + … + n; n ≤ 1 is looked up; H asks for n − 1 and adds n.
private struct Sums: Facts {
  let unknown = Answer.unknown(length: 1)

  func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard let n = question.tokens.first else { return .malformed }
    return n <= 1 ? .primitive(Answer([n])) : .open
  }

  static func decide(_ transcript: Transcript) -> Decision {
    guard let n = transcript.question.tokens.first else { return .answer(Answer([0])) }
    guard let heard = transcript.steps.first?.answer.tokens.first else { return .ask(Question([n - 1])) }
    return .answer(Answer([heard + n]))
  }
}

/// Doubts each of its decisions by a quarter.
private struct Hesitant: Overseer {
  let author = Author.learnedOverseer(step: 1)

  func deliberate(on questions: [Question], keys: [RandomKey]) async throws -> any Deliberation {
    let script = ScriptedOverseer { transcript, _ in Sums.decide(transcript) }
    return Hesitating(script: script.deliberate(on: questions, keys: keys))
  }

  private struct Hesitating: Deliberation {
    var script: any Deliberation
    var doubts: [Doubt] = []

    mutating func decide(hearing heard: [Answer]) async throws -> [Decision] {
      let decisions = try await script.decide(hearing: heard)
      doubts = decisions.map { _ in Doubt(0.25) }
      return decisions
    }
  }
}

/// Is wrong, and doubts it the more the larger the number: by as many nats.
private struct Guess: Answerer {
  let author = Author.answerer(role: "teacher", step: 3)

  func reply(to asked: [Asked], in contexts: [Context]) -> [Reply] { asked.map(guess) }

  func guess(_ asked: Asked) -> Reply {
    Reply(
      Answer([100]), by: author, doubt: Doubt(Double(asked.question.tokens.first ?? 0)))
  }
}

/// The same, waited for.
private struct SlowGuess: WaitingAnswerer {
  let author = Guess().author

  func reply(to asked: Asked, in context: Context) async throws -> Reply { Guess().guess(asked) }
}

struct DoubtTests {
  private let key = RandomKey(seed: 0, purpose: .questions)

  private func amplify(
    _ numbers: [Token], depth: Int, doubt: Doubt? = nil, by answerer: any Answerer = Guess()
  ) async throws -> [AmplificationTree] {
    try await Amplifier(overseer: Hesitant(), answerer: answerer, facts: Sums(), mostSteps: 1, doubt: doubt)
      .amplify(
        numbers.map { Asked(Question([$0]), about: 0, key: key) }, in: [Context(facts: [])], depth: depth)
  }

  @Test func itIsTheSumOverTheTree() async throws {
    let trees = try await amplify([5, 2], depth: 1)
    // Two decisions, and X's answer to [4]; what is looked up is not doubted.
    #expect(trees.map(\.doubt.nats) == [0.5, 0.5])
    #expect(trees.map(\.jointDoubt.nats) == [4.5, 0.5])
    #expect(abs(Doubt(2.0.squareRoot() - 1).confidence - 0.6608) < 1e-3 && Doubt.none.confidence == 1)
  }

  @Test func whatIsRememberedIsDoubtedAsMuch() async throws {
    let trees = try await amplify([5, 5], depth: 2)
    #expect(trees.map { $0.children.map(\.author) } == [[.learnedOverseer(step: 1)], [.memo]])
    #expect(trees[0].jointDoubt == trees[1].jointDoubt)
  }

  /// Whoever answers.
  @Test func onlyWhatIsInDoubtIsAmplifiedFurther() async throws {
    for answerer in [Guess(), SlowGuess()] as [any Answerer] {
      let tree = try #require(try await amplify([6], depth: 4, doubt: Doubt(3), by: answerer).first)
      // 5 and 4 are doubted by more than 3, 3 is not.
      #expect(tree.answer == Answer([100 + 4 + 5 + 6]))
      #expect(tree.subQuestions == 3 && tree.jointDoubt == Doubt(3 * 0.5 + 3))
      // The depth is the most that there is.
      let shallow = try #require(try await amplify([6], depth: 2, doubt: Doubt(3), by: answerer).first)
      #expect(shallow.subQuestions == 2 && shallow.jointDoubt == Doubt(2 * 0.5 + 4))
    }
  }

  @Test func whatIsNoNumberIsDoubtedMost() {
    #expect(Doubt(.nan) == Doubt(Doubt.most) && Doubt(.infinity) == Doubt(Doubt.most))
    #expect(Doubt(-1e-9) == .none && Doubt(60) + Doubt(60) == Doubt(Doubt.most))
  }

  @Test func itIsKeptInTreesAndOldTreesAreRead() async throws {
    let tree = try #require(try await amplify([5], depth: 1).first)
    let written = try JSONEncoder().encode(tree)
    #expect(try JSONDecoder().decode(AmplificationTree.self, from: written) == tree)
    let sure = AmplificationTree(Question([1]), answer: Answer([1]), by: .lookUp)
    let old = try JSONEncoder().encode(sure)
    #expect(!String(decoding: old, as: UTF8.self).contains("doubt"))
    #expect(try JSONDecoder().decode(AmplificationTree.self, from: old).jointDoubt == .none)
  }
}
