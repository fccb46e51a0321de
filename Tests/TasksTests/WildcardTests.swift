import Amplification
import Tasks
import Testing

struct WildcardTests {
  private let task = Wildcard(size: 8)
  private let text = "f(000000)=1\nf(000001)=1\nf(010000)=-1\nf(111111)=-1"

  private func answer(_ question: String) throws -> String {
    task.write(task.truth(of: try task.readQuestion(question), in: try task.readContext(text)))
  }

  @Test func sums() throws {
    #expect(try answer("sum f(00000*)") == "2")
    #expect(try answer("sum f(0*0000)") == "0")
    #expect(try answer("sum f(******)") == "0")
    #expect(try answer("sum f(1*****)") == "-1")
    #expect(try answer("sum f(101010)") == "0")
  }

  @Test func theFirstWildcardIsReplaced() throws {
    let question = try task.readQuestion("sum f(0*0*00)")
    #expect(task.decide(Transcript(question)) == .ask(try task.readQuestion("sum f(000*00)")))
    #expect(task.questionClass(of: question, in: Context(facts: [])) == "2 wildcards")
  }

  @Test(arguments: [
    ("f(01010)=1", "f(010110)=1"), ("f(010110)=2", "f(010110)=1"), ("f(000000)=1\nf(000000)=-1", "given twice"),
  ]) func contextsThatContradictThemselves(_ text: String, _ says: String) {
    let error = #expect(throws: NotationError.self) { try task.readContext(text) }
    #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
  }
}
