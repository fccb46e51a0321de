import Amplification
import Tasks
import Testing

struct AssignmentTests {
  private let task = Assignment(size: 8)
  private let text = """
    x3:=5
    x1:=2
    x7:=f(x3,x1)
    f(5,2)=7
    x2:=f(x7,x7)
    f(7,7)=1
    """

  private func answer(_ question: String) throws -> String {
    task.write(task.truth(of: try task.readQuestion(question), in: try task.readContext(text)))
  }

  @Test func values() throws {
    #expect(try answer("x3") == "5")
    #expect(try answer("x7") == "7")
    #expect(try answer("x2") == "1")
    #expect(try answer("arg1 x7") == "x3")
    #expect(try answer("arg2 x7") == "x1")
    #expect(try answer("f(7,7)") == "1")
    #expect(try answer("f(1,1)") == "?")
    #expect(try answer("arg1 x3") == "?")
    #expect(try answer("x8") == "?")
  }

  @Test func difficultyIsTheDepth() throws {
    let context = try task.readContext(text)
    #expect(task.questionClass(of: try task.readQuestion("x7"), in: context) == "depth 1")
    #expect(task.questionClass(of: try task.readQuestion("x2"), in: context) == "depth 2")
  }

  @Test(arguments: [
    ("x9:=1", "x1 to x8"), ("x1:=9", "1 to 8"), ("x1:=x2", "facts are written"), ("x1:=1\nx1:=2", "again"),
    ("x1:=f(x2,x2)\nx2:=f(x1,x1)", "no value"), ("x1:=1\nx2:=f(x1,x1)", "lacks a row"), ("f(1,2)=3", "at least one"),
  ]) func contextsThatContradictThemselves(_ text: String, _ says: String) {
    let error = #expect(throws: NotationError.self) { try task.readContext(text) }
    #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
  }
}
