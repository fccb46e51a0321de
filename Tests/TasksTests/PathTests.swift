import Amplification
import Randomness
import Tasks
import Testing

struct PathTests {
  private let task = Path(size: 8)
  // Two ways of length 2 from 1 to 4; 5 leads nowhere; nothing leads to 6.
  private let text = "1->2\n1->3\n2->4\n3->4\n4->5\n6->1"

  private func context() throws -> Context { try task.readContext(text) }
  private func answer(_ question: String) throws -> String {
    task.write(task.truth(of: try task.readQuestion(question), in: try context()))
  }
  private func isRight(_ token: String, to question: String) throws -> Bool {
    // An answer is the second vertex of an edge that is written down.
    let vertex = try task.readFact("1->\(token)")[1]
    return task.isRight(Answer([vertex]), to: try task.readQuestion(question), in: try context())
  }

  @Test func distancesAndSteps() throws {
    #expect(try answer("distance 1 2") == "1")
    #expect(try answer("distance 6 5") == "4")
    #expect(try answer("distance 5 1") == "none")
    #expect(try answer("distance 3 3") == "0")
    #expect(try answer("step 6 5") == "1")
    #expect(try answer("step 1 6") == "none")
    #expect(try answer("edge 1 3") == "yes")
    #expect(try answer("edge 3 1") == "no")
  }

  @Test func eachFirstStepOfAShortestPathIsRight() throws {
    for step in ["2", "3"] { #expect(try isRight(step, to: "step 1 4")) }
    #expect(try !isRight("4", to: "step 1 4"))
    for neighbor in ["2", "3"] { #expect(try isRight(neighbor, to: "neighbor 1")) }
    #expect(try !isRight("4", to: "neighbor 1"))
  }

  @Test func neighboursAreDrawnAndTheSameKeyDrawsTheSame() throws {
    let context = try context()
    func drawn(_ index: Int) throws -> LookUp {
      let key = RandomKey(seed: 1, purpose: .questions, index: index)
      return task.lookUp(try task.readQuestion("neighbor 1"), in: context, using: key)
    }
    #expect(Set(try (0..<50).map(drawn)).count == 2)
    #expect(try drawn(7) == drawn(7))
    #expect(
      try task.lookUp(task.readQuestion("neighbor 5"), in: context, using: RandomKey(seed: 0, purpose: .questions))
        == .primitive(task.truth(of: try task.readQuestion("step 5 1"), in: context)))
  }

  /// What is heard of X's proposal 8 and of the drawn neighbour 1, and what H then answers.
  @Test(arguments: [
    ("yes", "3", "2", "1"), ("yes", "2", "3", "8"), ("yes", "2", "2", "8"), ("no", "2", "3", "1"),
    ("yes", "none", "3", "1"),
    ("yes", "none", "none", "none"), ("no", "2", "none", "none"), ("?", "?", "2", "1"),
  ]) func theNearerOfTheProposalAndADrawnNeighbourIsTaken(
    isEdge: String, proposed: String, drawn: String, taken: String
  ) throws {
    let heard = [
      ("edge 6 5", "no"), ("step 6 5", "8"), ("edge 6 8", isEdge), ("distance 8 5", proposed), ("neighbor 6", "1"),
      ("distance 1 5", drawn),
    ]
    #expect(try decided("step 6 5", hearing: heard) == taken)
  }

  /// What is heard of the drawn neighbours 8 and 1, and what H then answers.
  @Test(arguments: [
    ("3", "2", "1"), ("2", "3", "8"), ("none", "3", "1"), ("3", "none", "8"), ("none", "none", "none"),
  ]) func whereNoneIsProposedTheNearerOfTwoNeighboursIsTaken(_ one: String, _ other: String, taken: String) throws {
    let heard = [
      ("edge 6 5", "no"), ("step 6 5", "none"), ("neighbor 6", "8"), ("distance 8 5", one), ("neighbor 6", "1"),
      ("distance 1 5", other),
    ]
    #expect(try decided("step 6 5", hearing: heard) == taken)
  }

  /// What H answers after it has asked these, and heard this.
  private func decided(_ question: String, hearing heard: [(question: String, answer: String)]) throws -> String? {
    var transcript = Transcript(try task.readQuestion(question))
    for (question, answer) in heard {
      let question = try task.readQuestion(question)
      #expect(task.decide(transcript) == .ask(question))
      transcript.steps.append(.init(question, try answered(answer, to: question)))
    }
    guard case .answer(let answer) = task.decide(transcript) else { return nil }
    return task.write(answer)
  }

  /// The answer that is written so, to a question of its kind.
  private func answered(_ text: String, to question: Question) throws -> Answer {
    var random = CounterGenerator(seed: 1, purpose: .questions)
    let (context, unknown) = (try context(), Answer.unknown(length: 1))
    for _ in 0..<10_000 where text != "?" {
      let answer = task.sampleAnswer(to: question, in: context, using: &random)
      if task.write(answer) == text { return answer }
    }
    return unknown
  }

  @Test(arguments: [
    ("1=>2", "written 12->7"), ("1->9", "vertices are 1 to 8"), ("1->1", "to itself"), ("1->2\n1->2", "given twice"),
    ("", "at least one edge"),
  ]) func contextsThatContradictThemselves(_ text: String, _ says: String) {
    let error = #expect(throws: NotationError.self) { try task.readContext(text) }
    #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: ["distance 1", "step 1 9", "neighbor 1 2", "walk 1 2", ""])
  func whatIsNoQuestionIsRefused(_ text: String) {
    #expect(throws: NotationError.self) { try task.readQuestion(text) }
  }
}
