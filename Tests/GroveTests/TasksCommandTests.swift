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

  @Test func textsAreSampledAndChecked() async throws {
    let program = try Program()
    let sums = try await program("tasks", "sample", "addition", "--size", "3", "--reversed", "--count", "5")
    #expect(sums.status == 0, "\(sums.errors)")
    for line in sums.output.split(separator: "\n") {
      #expect(
        line.contains(/^\d{3}\+\d{3}(\+1)?= \d{3,4}  \(3 digits: the sum of .*, all written from the units up\)$/),
        "\(line)")
    }
    let products = try await program("tasks", "check", "multiplication", "--size", "8", "--count", "300")
    #expect(products.status == 0 && products.output.contains("300"), "\(products.errors)")
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
