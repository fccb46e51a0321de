import Foundation
import Testing

struct TasksCommandTests {
  @Test func tasksAreListed() async throws {
    let ended = try await Program()("tasks")
    #expect(ended.status == 0 && ended.output.contains("permutation"))
  }

  @Test func samplesAreTheSameForTheSameSeed() async throws {
    let program = try Program()
    func sample(_ seed: Int) async throws -> String {
      let ended = try await program(
        "tasks", "sample", "permutation", "--size", "8", "--bits", "3", "--count", "50", "--seed", "\(seed)", "--json")
      #expect(ended.status == 0)
      return ended.output
    }
    let first = try await sample(1)
    #expect(try await sample(1) == first)
    #expect(try await sample(2) != first)
    let lines = first.split(separator: "\n")
    #expect(lines.count == 50)
    for line in lines {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(Set(object.keys) == ["task", "facts", "question", "answer", "class"])
      #expect((object["facts"] as? [String])?.count == 8)
    }
  }

  @Test func decompositionsGiveTheTruth() async throws {
    let ended = try await Program()("tasks", "check", "permutation", "--count", "200")
    #expect(ended.status == 0 && ended.output.contains("200"))
  }

  @Test(arguments: [
    ["--help"], ["run", "--help"], ["ask", "--help"], ["tasks", "sample", "--help"], ["status", "--help"],
  ])
  func helpShowsAnExample(_ arguments: [String]) async throws {
    let ended = try await Program()(arguments)
    #expect(ended.status == 0 && ended.output.contains("grove"))
    if arguments.count > 1 { #expect(ended.output.contains("Example: grove")) }
  }
}
