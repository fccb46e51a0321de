import Amplification
import ClusterFile
import Models
import Oversight
import Randomness
import RunStore
import Tasks
import Testing
import WorkUnits

@testable import Worker

/// What H is asked: at depths above 1 also what amplification comes to, on the same contexts.
struct MetQuestionsTests {
  private let models = try? OtherModels()

  @Test(arguments: [ClusterFile.Overseer.Choice.random, .uncertain])
  func atDepthHIsAskedWhatAmplificationComesTo(_ choice: ClusterFile.Overseer.Choice) async throws {
    let deep = try await differing(choice, depth: 3)
    #expect(deep.parts > 0 && deep.parts < deep.all, "\(deep)")
    let flat = try await differing(choice, depth: 1)
    #expect(flat.parts == 0 && flat.all > 0)
  }

  /// Decompositions that H was asked for, and those of other questions than were drawn.
  private func differing(
    _ choice: ClusterFile.Overseer.Choice, depth: Int
  ) async throws -> (all: Int, parts: Int) {
    let models = try #require(models)
    var file = models.configuration
    file.task.name = "wildcard"
    (file.task.size, file.task.start) = (8, 8)
    (file.overseer.kind, file.overseer.choice) = (.learned, choice)
    (file.overseer.candidates, file.overseer.steps) = (3, 1)
    file.amplification.depth = depth
    let name = "\(choice)-\(depth)"
    _ = try await models.run(
      name, file, draft: Knowing.blueprint)
    let store = try await RunStore.read(name, in: models.folder)
    let task = try file.makeTask()
    var (all, parts) = (0, 0)
    for entry in try await Provenance(store.journal).entries {
      let drawn = task.sample(
        .decompositions, seed: file.run.seed, round: entry.id.round, [entry.id.place],
        elements: entry.judgment.elements, questions: 1)
      let (whole, asked) = (drawn.asked[0].question, try #require(entry.judgment.decomposition).question)
      #expect(zip(whole.tokens, asked.tokens).allSatisfy { $0 == 3 || $0 == $1 }, "\(whole) \(asked)")
      all += 1
      parts += whole == asked ? 0 : 1
    }
    return (all, parts)
  }
}

/// An H′ that has learned all of wildcard's script, and doubts it the more the fewer wildcards a question has.
struct Knowing: ScoringOverseer {
  let script: ScriptedOverseer

  /// Grove's own networks, but for H′ as an overseer.
  static let blueprint: Blueprint.Draft = { file, task in
    var blueprint = try Blueprint(file, task)
    blueprint.imitator = { _ in Knowing(script: task.scriptedOverseer()) }
    return blueprint
  }

  var author: Author { .learnedOverseer(step: 1) }

  func deliberate(on questions: [Question], keys: [RandomKey]) -> any Deliberation {
    Doubting(
      script: script.deliberate(on: questions, keys: keys),
      doubts: questions.map { Doubt(Double($0.tokens.count { $0 != 3 })) })
  }

  func loss(of transcripts: [Transcript]) -> Float { 0.01 }
  func negativeLogLikelihood(of transcripts: [Transcript]) -> [Float] { transcripts.map { _ in 0.01 } }
}

private struct Doubting: Deliberation {
  var script: any Deliberation
  /// All questions are asked and answered in step.
  let doubts: [Doubt]

  mutating func decide(hearing heard: [Answer]) async throws -> [Decision] { try await script.decide(hearing: heard) }
}
