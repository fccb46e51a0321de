import Amplification
import Tasks
import Testing

struct ForestTests {
  private let task = Forest(size: 8)
  private let text = "1-2\n3-2\n4-3\n5-6\nlabel(1)=7\nlabel(6)=2\nlabel(8)=7"

  private func answer(_ question: String) throws -> String {
    task.write(task.truth(of: try task.readQuestion(question), in: try task.readContext(text)))
  }

  @Test func labelsDepthsAndSteps() throws {
    #expect(try answer("label 4") == "7")
    #expect(try answer("depth 4") == "3")
    #expect(try answer("toward 4") == "3")
    #expect(try answer("label 5") == "2")
    #expect(try answer("depth 8") == "0")
    #expect(try answer("toward 8") == "none")
    #expect(try answer("label? 8") == "7")
    #expect(try answer("label? 4") == "none")
    #expect(try answer("edge 3 4") == "yes")
    #expect(try answer("edge 3 1") == "no")
    #expect(try answer("label 7") == "?")
  }

  @Test func aLabelIsThatOfTheNextVertexTowardsIt() throws {
    var transcript = Transcript(try task.readQuestion("label 4"))
    let context = try task.readContext(text)
    for question in ["label? 4", "toward 4", "label 3"] {
      let question = try task.readQuestion(question)
      #expect(task.decide(transcript) == .ask(question))
      transcript.steps.append(.init(question, task.truth(of: question, in: context)))
    }
    #expect(task.decide(transcript) == .answer(task.truth(of: transcript.question, in: context)))
  }

  @Test(arguments: [
    ("1-2\n2-3\n3-1\nlabel(1)=1", "3-1 closes a circle"),
    ("1-2\nlabel(1)=1\nlabel(2)=3", "label(2)=3 is a second label"),
    ("1-2\n3-4\nlabel(1)=1", "the tree of 3 has no label"), ("1-1\nlabel(1)=1", "closes a circle"),
    ("1-2\nlabel(1)=9", "labels are 1 to 8"), ("1-9\nlabel(1)=1", "vertices are 1 to 8"), ("1+2", "no fact"),
    ("", "at least one label"),
  ]) func contextsThatContradictThemselves(_ text: String, _ says: String) {
    let error = #expect(throws: NotationError.self) { try task.readContext(text) }
    #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
  }
}
