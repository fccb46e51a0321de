import Amplification
import Randomness
import Testing

@testable import Tasks

struct ArithmeticTests {
  private func task(_ name: String, size: Int = 4, reversed: Bool = false) throws -> Arithmetic {
    let task = try TaskCatalog.grove.task(name, size: size, ["reversed": reversed ? 1 : 0])
    return try #require(task as? Arithmetic)
  }
  private let nothing = Context(passages: [])

  /// What the scripted overseer asks and answers, if all answers are true.
  private func talk(_ task: Arithmetic, _ text: String) throws -> [String] {
    var transcript = Transcript(try task.readQuestion(text))
    var lines: [String] = []
    while true {
      switch task.decide(transcript) {
      case .ask(let question):
        lines.append(task.write(question))
        transcript.steps.append(.init(question, task.truth(of: question, in: nothing)))
      case .answer(let answer): return lines + [task.write(answer)]
      }
    }
  }

  @Test func sumsAndProductsAreTakenApart() throws {
    #expect(try talk(task("addition"), "347+289") == ["7+9=", "34+28+1=", "636"])
    #expect(try talk(task("addition"), "950+50=") == ["0+0=", "95+5=", "1000"])
    #expect(try talk(task("addition", reversed: true), "743+982") == ["7+9=", "43+82+1=", "636"])
    #expect(try talk(task("addition"), "9+9+1=") == ["9+9+1=", "19"])
    #expect(try talk(task("multiplication"), "347*28") == ["347*8=", "347*2=", "6940+2776=", "9716"])
    #expect(try talk(task("multiplication"), "37*4=") == ["7*4=", "3*4=", "120+28=", "148"])
    #expect(try talk(task("multiplication"), "3*47=") == ["3*7=", "3*4=", "120+21=", "141"])
  }

  @Test func whatIsNoNumberIsNoAnswer() throws {
    let task = try task("addition")
    let question = try task.readQuestion("7+9=")
    for text in ["", "x", "016", "1 6", "16.", "-16", "١٦", "16\n", "12345678901234567890", "1\u{301}6"] {
      #expect(task.answer(written: text, to: question).isUnknown, "\(text)")
      #expect(text.isEmpty || task.objection(to: Answer(text: text)) != nil)
    }
    #expect(task.answer(written: "0", to: question) == Answer(text: "0"))
    // From the units up, a zero may lead, and none may end it.
    let reversed = try self.task("addition", reversed: true)
    #expect(
      !reversed.answer(written: "01", to: question).isUnknown && reversed.answer(written: "10", to: question).isUnknown)
    for text in [
      "7+9", "07+9=", "7+9+2=", "7+9+1+1=", "7*9=", "=", "+=", "7+=", "7+٩=", "123456789012345678+1=", "7+9=16",
    ] {
      #expect(
        task.lookUp(Question(text: text), in: nothing, using: RandomKey(seed: 1, purpose: .questions)) == .malformed)
      #expect(task.decide(Transcript(Question(text: text))) == .answer(task.unknown))
    }
  }

  @Test func answersThatCantBeEndInNone() throws {
    let task = try task("addition")
    var transcript = Transcript(try task.readQuestion("347+289="))
    transcript.steps = [.init(try task.readQuestion("7+9="), Answer(text: "99"))]
    #expect(task.decide(transcript) == .answer(task.unknown))
    transcript.steps[0].answer = task.unknown
    #expect(task.decide(transcript) == .answer(task.unknown))
    transcript.steps = [
      .init(try task.readQuestion("7+9="), Answer(text: "16")),
      .init(try task.readQuestion("34+28+1="), Answer(text: "999999999999999999")),
    ]
    #expect(task.decide(transcript) == .answer(task.unknown))
  }

  @Test(arguments: ["addition", "multiplication"]) func whatIsHeldOutIsNeverLearned(_ name: String) throws {
    let task = try task(name, size: 3)
    func drawn(_ purpose: Purpose) -> [Calculation] {
      task.sample(purpose, seed: 1, round: 1, 0..<100, elements: 3, questions: 8).asked
        .compactMap { task.calculation($0.question) }
    }
    let (lessons, tests) = (drawn(.contexts), drawn(.heldOut))
    #expect(lessons.count == 800 && tests.count == 800)
    #expect(lessons.allSatisfy { !$0.isHeldOut } && tests.allSatisfy { $0.isHeldOut || $0.isLeaf })
    #expect(Calculation.sum(34, 28, isCarried: true).isHeldOut == Calculation.sum(28, 34, isCarried: false).isHeldOut)
    // Each length, and half with a carry.
    let classes = Dictionary(grouping: tests) { task.questionClass(of: task.question($0), in: nothing) }
    for digits in ["1 digit", "2 digits", "3 digits"] { #expect((classes[digits]?.count ?? 0) > 80, "\(digits)") }
  }

  @Test func whatPeopleTeachIsAllThatIsNotTakenApart() throws {
    let leaves = try task("addition").leaves
    #expect(leaves.count == 200 && Set(leaves).count == 200 && leaves.last == Question(text: "9+9+1="))
    #expect(try task("multiplication").leaves.count == 300)
  }
}
