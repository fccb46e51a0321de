import ClusterFile
import Tasks
import Testing
import WorkUnits

@testable import Worker

struct DecompositionTests {
  private func decompositions() async throws -> Decompose.Result {
    var configuration = ClusterFile()
    configuration.task.name = "wildcard"
    return try await Decompose(DecompositionQuestions(round: 1, contexts: Array(0..<20), elements: 8))
      .result(by: Replica(configuration))
  }

  @Test func whileXHasLearnedNothingHHearsAnswersOfTheRightKind() async throws {
    let task = Wildcard(size: 8)
    let transcripts = try await decompositions().trees.map(\.transcript)
    #expect(transcripts.count == 20)
    let heard = transcripts.flatMap(\.steps).map { task.write($0.answer) }
    #expect(heard.allSatisfy { Int($0) != nil } && Set(heard).count > 3)
  }

  @Test func theyAreTheSameEveryTime() async throws {
    #expect(try await decompositions() == decompositions())
  }
}
