import Amplification
import Randomness
import Tasks
import Testing

struct PermutationTests {
  private let task = Permutation(size: 8, bits: 3)

  private func context() throws -> Context {
    try task.readContext("f(1)=2\nf(2)=3\nf(3)=1\nf(4)=5\nf(5)=4\n")
  }

  @Test func powers() throws {
    let context = try context()
    for (question, answer) in [("f^0(1)", "1"), ("f^1(1)", "2"), ("f^2(1)", "3"), ("f^7(1)", "2"), ("f^6(4)", "4")] {
      #expect(task.write(task.truth(of: try task.readQuestion(question), in: context)) == answer)
    }
  }

  @Test func evenPowersAreHalvedTwiceOddOnesGoOneFurther() throws {
    func asked(_ text: String, _ answers: [Token]) throws -> [String] {
      var transcript = Transcript(try task.readQuestion(text))
      var asked: [String] = []
      for answer in answers {
        guard case .ask(let question) = task.decide(transcript) else { break }
        asked.append(task.write(question))
        transcript.steps.append(.init(question, Answer([answer])))
      }
      if case .answer(let answer) = task.decide(transcript) { asked.append(task.write(answer)) }
      return asked
    }
    #expect(try asked("f^6(1)", [4, 7]) == ["f^3(1)", "f^3(4)", "7"])
    #expect(try asked("f^7(1)", [4, 7, 2]) == ["f^3(1)", "f^3(4)", "f^1(7)", "2"])
  }

  @Test func anUnknownSubAnswerMakesTheAnswerUnknown() throws {
    var transcript = Transcript(try task.readQuestion("f^6(1)"))
    transcript.steps = [.init(try task.readQuestion("f^3(1)"), .unknown(length: 1))]
    #expect(task.decide(transcript) == .answer(.unknown(length: 1)))
  }

  @Test func namesThatTheContextLacksCanNotBeAskedAbout() throws {
    #expect(
      task.lookUp(try task.readQuestion("f^1(8)"), in: try context(), using: RandomKey(seed: 0, purpose: .lookUps))
        == .malformed)
  }

  @Test(arguments: [
    ("f(1)=9", "no name"), ("f(0)=1", "no name"), ("g(1)=2", "is no fact"), ("f(1)=2\nf(1)=3", "given twice"),
    ("f(1)=2\nf(2)=2", "value of two names"), ("f(1)=2", "f(2) is missing"), ("", "at least one fact"),
    ("f(99999999999999999999)=1", "no name"),
  ]) func badContextsAreExplained(_ text: String, _ reason: String) {
    let error = #expect(throws: NotationError.self) { _ = try task.readContext(text) }
    #expect(error?.description.contains(reason) == true)
  }

  @Test(arguments: [
    ("f^8(1)", "out of range"), ("f^99999999999999999999(1)", "out of range"), ("f^2(9)", "no element 9"),
    ("f^-1(1)", "is no question"), ("", "is no question"), ("f^2(1", "is no question"), ("f²(1)", "is no question"),
  ]) func badQuestionsAreExplained(_ text: String, _ reason: String) {
    let error = #expect(throws: NotationError.self) { _ = try task.readQuestion(text) }
    #expect(error?.description.contains(reason) == true)
  }

  @Test func unknownTasksAndSizesAreExplained() {
    func refusal(_ name: String, size: Int, bits: Int) -> String? {
      #expect(throws: NotationError.self) {
        _ = try TaskCatalog.grove.task(name, size: size, ["bits": bits])
      }?.description
    }
    #expect(
      refusal("sorting", size: 8, bits: 3)?.hasPrefix("there is no task “sorting”; there is permutation, ") == true)
    #expect(refusal("permutation", size: 65, bits: 3) == "task size 65 is out of range: 4 to 64 are allowed")
    #expect(refusal("permutation", size: 8, bits: 7) == "7 bits are out of range: 2 to 6 are allowed")
  }

  @Test func classesAreLeadingBits() throws {
    #expect(task.questionClass(of: try task.readQuestion("f^3(1)"), in: Context(facts: [])) == "k=2–3")
    #expect(task.questionClass(of: try task.readQuestion("f^4(1)"), in: Context(facts: [])) == "k=4–7")
  }
}
