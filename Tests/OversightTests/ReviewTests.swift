import Amplification
import Randomness
import Testing

@testable import Oversight

/// What follows from what a person says of the nodes of a tree.
struct ReviewTests {
  private func leaf(_ question: Token, _ answer: Token) -> AmplificationTree {
    AmplificationTree(Question([question]), answer: Answer([answer]), by: .answerer(role: "teacher", step: 1))
  }

  /// 1: Q1 = 10, of 2: Q2 = 20 (of 3: Q3 = 30) and 4: Q4 = 40.
  private var tree: AmplificationTree {
    let inner = AmplificationTree(
      Question([2]), answer: Answer([20]), by: .learnedOverseer(step: 1), children: [leaf(3, 30)])
    return AmplificationTree(
      Question([1]), answer: Answer([10]), by: .learnedOverseer(step: 1), children: [inner, leaf(4, 40)])
  }

  private func answers(_ node: AmplificationTree) -> [Token] { node.nodes.map { $0.node.answer.tokens[0] } }

  @Test func whatIsAcceptedIsLearnedAsItIs() {
    let checked = tree.checked([:], by: "ada")
    #expect(checked.answer == Answer([10]) && checked.corrections.isEmpty)
  }

  @Test(arguments: [1, 2, 3, 4]) func aRejectedNodeTakesWithItWhatWasDerivedFromIt(_ node: Int) {
    let checked = tree.checked([node: .rejected], by: "ada")
    #expect(checked.answer == nil && checked.corrections.isEmpty)
  }

  @Test func acceptingWhatRestsOnARejectedAnswerDoesNotHelp() {
    #expect(tree.checked([3: .rejected, 2: .accepted, 1: .accepted], by: "ada").answer == nil)
  }

  @Test func aCorrectedRootIsLearnedAndTaught() {
    let checked = tree.checked([1: .corrected(Answer([11]))], by: "ada")
    #expect(checked.answer == Answer([11]))
    #expect(checked.corrections.count == 1 && checked.corrections[0].author == .person("ada"))
    #expect(answers(checked.corrections[0]) == [11, 20, 30, 40])
  }

  @Test func aCorrectedPartTakesWithItWhatThePersonDoesNotStandFor() {
    #expect(tree.checked([4: .corrected(Answer([41]))], by: "ada").answer == nil)
    let stands = tree.checked([4: .corrected(Answer([41])), 1: .accepted], by: "ada")
    #expect(stands.answer == Answer([10]) && answers(stands.corrections[0]) == [10, 20, 30, 41])
  }

  @Test func anAnswerThatThePersonGaveDoesNotRestOnARejectedOneAndTeachesNoDecision() {
    let checked = tree.checked([3: .rejected, 2: .corrected(Answer([21])), 1: .corrected(Answer([11]))], by: "ada")
    // Node 2 rests on nothing that H′ could have been told; the root rests on what the person said of node 2.
    #expect(checked.answer == Answer([11]))
    #expect(checked.corrections.map { $0.question.tokens[0] } == [1])
    #expect(checked.corrections[0].children[0].answer == Answer([21]))
  }
}

struct KappaTests {
  @Test func itIsWhatTheBookSays() throws {
    // Cohen's own example of two people and 200 cases: 0.492 (proportions .25 .20 .15 on the diagonal differ; a common one).
    let table = [("a", "a", 20), ("a", "b", 5), ("b", "a", 10), ("b", "b", 15)]
    let pairs = table.flatMap { one, other, count in Array(repeating: (one, other), count: count) }
    // p = 0.7, e = 0.5·0.6 + 0.5·0.4 = 0.5
    #expect(abs(try #require(kappa(pairs)) - 0.4) < 1e-12)
  }

  @Test func withoutACaseThereIsNone() {
    #expect(kappa([]) == nil && kappa([("a", "a"), ("a", "a")]) == nil)
    #expect(kappa([("a", "a"), ("b", "b")]) == 1 && kappa([("a", "b"), ("b", "a")]) == -1)
  }
}

struct CandidatesTests {
  private func candidate(_ tokens: [Token], _ uncertainty: Double) -> Candidate {
    var attempt = Transcript(Question(tokens))
    attempt.answer = Answer([1])
    return Candidate(attempt: attempt, uncertainty: uncertainty)
  }

  @Test func theMostUncertainComesFirstThenWhatIsUnlikeIt() {
    let candidates = [
      candidate([1, 1, 1], 0.9), candidate([1, 1, 1], 1), candidate([2, 2, 2], 0.5), candidate([3, 3, 3], 0.1),
    ]
    #expect(mostInstructive(1, of: candidates) == [1])
    // The first is as uncertain, but it is the same question.
    #expect(mostInstructive(2, of: candidates) == [1, 2])
    #expect(mostInstructive(9, of: candidates) == [0, 1, 2, 3])
  }

  /// Against the rule in words, which compares all with all.
  @Test func whatIsChosenIsWhatTheRuleSays() {
    var random = CounterGenerator(seed: 3, purpose: .keys)
    for count in [1, 2, 5, 17, 39] {
      let candidates = (0..<40).map { _ in
        candidate((0..<6).map { _ in Token(random.next() % 3) }, Double(random.next() % 5) / 4)
      }
      var chosen: [Int] = []
      func worth(_ place: Int) -> (Double, Int) {
        let nearest = chosen.map { candidates[place].distance(to: candidates[$0]) }.min() ?? 1
        return (candidates[place].uncertainty * nearest, -place)
      }
      for _ in 0..<count {
        let left = candidates.indices.filter { !chosen.contains($0) }
        chosen += left.max { worth($0) < worth($1) }.map { [$0] } ?? []
      }
      #expect(mostInstructive(count, of: candidates) == chosen.sorted())
    }
  }

  @Test func ofEqualsTheFirstAreChosen() {
    #expect(mostInstructive(2, of: (0..<4).map { candidate([Token($0)], 0) }) == [0, 1])
  }
}

struct PeopleTests {
  @Test func aLineIsAPerson() throws {
    let people = try People(reading: "# ours\n\nada 0123456789ab overseer\nben cdefghijklmn viewer\n", path: "people")
    #expect(people.persons.map(\.name) == ["ada", "ben"] && people.overseers.map(\.name) == ["ada"])
  }

  @Test(arguments: [
    ("ada", "line 1: a line has a name, a token"), ("a b c d", "line 1: a line has"),
    ("ada 0123456789ab", "line 1: a line has a name, a token and a role (viewer, overseer, admin)"),
    ("ada short overseer", "line 1: the token of ada is too short"),
    ("nobody 0123456789ab overseer", "“nobody” can't be a name"),
    ("ada 0123456789ab overseer\nada 0123456789ac viewer", "line 2: ada is there twice"),
    ("ada 0123456789ab overseer\nben 0123456789ab viewer", "line 2: the token of ben is somebody else's"),
    ("", "people names nobody: a line for each person has"), ("\u{FEFF}\n  \r\n# ada\n", "people names nobody"),
    ("ada 0123456789ab king", "“king” is no role of a person; there is viewer, overseer, admin"),
  ]) func whatIsWrongIsSaid(_ text: String, _ sentence: String) {
    let error = #expect(throws: PeopleError.self) { try People(reading: text, path: "people") }
    #expect(error?.description.contains(sentence) == true, "\(String(describing: error))")
  }

  @Test func whereNobodyMayDecideARunThatAsksPeopleIsRefused() throws {
    let viewers = try People(reading: "ada 0123456789ab viewer\nben cdefghijklmn viewer", path: "people")
    let error = #expect(throws: PeopleError.self) { try viewers.checkOverseers(neededFor: "overseer.kind=human") }
    #expect(error?.description.contains("nobody could decide: overseer.kind=human needs people") == true)
    #expect(error?.description.contains("ada (viewer), ben (viewer)") == true)
    try People(reading: "ada 0123456789ab admin", path: "people").checkOverseers(neededFor: "oversight.review")
    try People().checkOverseers(neededFor: "oversight.review")
  }
}
