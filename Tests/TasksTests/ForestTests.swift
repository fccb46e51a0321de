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

  /// What is heard of X's proposal 5 and of the drawn neighbour 6, and what H then answers.
  @Test(arguments: [
    ("yes", "3", "2", "6"), ("yes", "2", "3", "5"), ("yes", "2", "2", "5"), ("no", "2", "3", "6"),
    ("yes", "?", "3", "6"),
    ("yes", "2", "?", "5"), ("no", "2", "?", "?"),
  ]) func theLessDeepOfTheProposalAndADrawnNeighbourIsTaken(
    isEdge: String, proposed: String, drawn: String, taken: String
  ) throws {
    // 5 and 6 are the first steps from 1 and 7, the depths of 5, 2, 8 and 3 are 0, 1, 2 and 3.
    let context = try task.readContext("1-5\n7-6\n5-2\n2-8\n8-3\n4-6\nlabel(5)=1\nlabel(6)=1")
    func said(_ text: String, _ questions: String...) throws -> Answer {
      try questions.map { task.truth(of: try task.readQuestion($0), in: context) }.first { task.write($0) == text }
        ?? .unknown(length: 1)
    }
    var transcript = Transcript(try task.readQuestion("toward 4"))
    for (question, answer) in [
      ("label? 4", try said("none", "label? 4")), ("toward 4", try said("5", "toward 1")),
      ("edge 4 5", try said(isEdge, "edge 1 5", "edge 1 2")), ("depth 5", try said(proposed, "depth 8", "depth 3")),
      ("neighbor 4", try said("6", "toward 7")), ("depth 6", try said(drawn, "depth 8", "depth 3")),
    ] {
      let question = try task.readQuestion(question)
      #expect(task.decide(transcript) == .ask(question))
      transcript.steps.append(.init(question, answer))
    }
    guard case .answer(let answer) = task.decide(transcript) else {
      Issue.record("H goes on asking")
      return
    }
    #expect(task.write(answer) == taken)
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
