import Amplification
import Tasks
import Testing

struct DigitsTests {
  private let task = Digits(size: 8)
  // 4 9 7 + 3 0 5 = 8 0 2
  private let text = "a,b(1)=7,5\na,b(2)=9,0\na,b(3)=4,3"

  private func answer(_ question: String) throws -> String {
    task.write(task.truth(of: try task.readQuestion(question), in: try task.readContext(text)))
  }

  @Test func longAddition() throws {
    #expect(try ["digit 1", "digit 2", "digit 3"].map(answer) == ["2", "0", "8"])
    #expect(try ["carry 1", "carry 2", "carry 3"].map(answer) == ["1", "1", "0"])
    #expect(try ["a 2", "b 1", "digit 4"].map(answer) == ["9", "5", "?"])
  }

  @Test func theChainOfCarriesIsTheDifficulty() throws {
    let context = try task.readContext(text)
    func difficulty(_ question: String) throws -> String {
      task.questionClass(of: try task.readQuestion(question), in: context)
    }
    #expect(try difficulty("carry 1") == "carry over 0")
    #expect(try difficulty("carry 2") == "carry over 1")
    #expect(try difficulty("digit 3") == "digit over 2")
  }

  @Test(arguments: [("a,b(2)=1,1", "place 1"), ("a,b(1)=12,1", "no fact"), ("a,b(9)=1,1", "places are 1 to 8")])
  func contextsThatContradictThemselves(_ text: String, _ says: String) {
    let error = #expect(throws: NotationError.self) { try task.readContext(text) }
    #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
  }
}
