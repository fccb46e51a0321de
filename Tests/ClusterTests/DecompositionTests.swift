import ClusterFile
import Tasks
import Testing
import WorkUnits

@testable import Worker

struct DecompositionTests {
  private func decompositions() throws -> Decompositions {
    var configuration = ClusterFile()
    configuration.task.name = "wildcard"
    return try Replica(configuration).decompose(DecompositionShard(round: 1, contexts: Array(0..<20), elements: 8))
  }

  @Test func whileXHasLearnedNothingHHearsAnswersOfTheRightKind() throws {
    let task = Wildcard(size: 8)
    let transcripts = try decompositions().trees.map(\.transcript)
    #expect(transcripts.count == 20)
    let heard = transcripts.flatMap(\.steps).map { task.write($0.answer) }
    #expect(heard.allSatisfy { Int($0) != nil } && Set(heard).count > 3)
  }

  @Test func theyAreTheSameEveryTime() throws {
    #expect(try decompositions() == decompositions())
  }
}
