import Amplification
import ClusterFile
import Distillation
import Foundation
import Hashing
import Processes
import Synchronization
import Tasks
import Testing
import WorkUnits

@testable import Coordinator
@testable import Worker

/// A run whose X another program makes: `cp`, of what there is to learn from; so that X knows by heart what it was taught.
struct CommandTrainerTests {
  private let models = try? OtherModels()
  private let used = Used()

  /// Those that workers answered with.
  private final class Used: Sendable {
    private let models = Mutex<Set<String>>([])
    var all: Set<String> { models.withLock(\.self) }
    func use(_ reference: ModelReference) { models.withLock { _ = $0.insert(reference.digest) } }
  }

  private var draft: Blueprint.Draft {
    { [used] _, task in
      Blueprint(
        made: [.answerer: ModelReference(model: "", digest: "nothing")],
        answerers: { version in
          used.use(try version.reference)
          let x = try ByHeart(version.reference, step: version.step, task)
          return (student: x, teacher: x)
        }, imitator: nil)
    }
  }

  private func run(_ name: String, rounds: Int, workers: Int = 1) async throws -> (hash: String, steps: Int) {
    let models = try #require(models)
    var file = models.configuration
    file.run.rounds = rounds
    let trainer = CopyingTrainer(configuration: file, task: try file.makeTask(), path: "\(models.folder)/\(name)")
    let result = try #require(try await models.run(name, file, workers: workers, draft: draft, trainer: trainer))
    return (result.weightsSHA256, result.steps)
  }

  @Test func workersGoOnWithWhatACommandMade() async throws {
    let (hash, steps) = try await run("one", rounds: 4)
    // In the first round there is nothing to learn from.
    #expect(steps == 3 && used.all.count == 4 && used.all.contains("nothing"))
    let model = try #require(models).folder + "/one-4.model"
    var expected = WeightsHash()
    expected.add(ModelReference(model: "", digest: SHA256.hash(try Data(contentsOf: URL(filePath: model))).hexadecimal))
    #expect(hash == expected.hexadecimal)
  }

  /// Taken up where it was left, by one worker and then by two, it comes to the same.
  @Test func aRunIsTakenUpWithTheModelThatItHad() async throws {
    let whole = try await run("whole", rounds: 5)
    _ = try await run("parts", rounds: 3)
    let parts = try await run("parts", rounds: 5, workers: 2)
    #expect(parts == whole)
  }

  @Test func aCommandThatFailsEndsTheRunWithASentence() async throws {
    let models = try #require(models)
    let file = models.configuration
    let trainer = CopyingTrainer(
      configuration: file, task: try file.makeTask(), path: "\(models.folder)/failing",
      elsewhere: "\(models.folder)/no/folder")
    // Nobody could write there.
    let error = await #expect(throws: CopyError.self) {
      _ = try await models.run("failing", file, draft: draft, trainer: trainer)
    }
    #expect(error?.description.contains("no/folder") == true)
  }

  /// Grove's own network is no place for what a command made.
  @Test func aModelThatLearnsHereIsNotReplaced() async throws {
    let models = try #require(models)
    let file = models.configuration
    let trainer = CopyingTrainer(configuration: file, task: try file.makeTask(), path: "\(models.folder)/own")
    let error = await #expect(throws: WorkerFailure.self) { _ = try await models.run("own", file, trainer: trainer) }
    #expect(error?.description.contains("which another program made: it learns here") == true)
  }
}

private struct CopyError: Error, CustomStringConvertible { let description: String }

/// Hands what there is to learn from to `cp`, whose copy is the new model.
private struct CopyingTrainer: Trainer {
  let configuration: ClusterFile
  let task: any TaskDefinition
  /// What the names of files begin with.
  let path: String
  /// Where models go, if not beside them.
  var elsewhere: String?

  func plan(_ round: Int, from state: TrainingState) async throws -> TrainingPlan {
    guard !state.replay.isEmpty else { return TrainingPlan() }
    var lessons: [String: String] = [:]
    for row in state.replay.batches.flatMap(\.rows) {
      for (question, answer) in zip(row.questions, row.answers) {
        lessons[task.write(row.context).joined() + task.write(question)] = task.write(answer)
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data = try encoder.encode(lessons)
    let (from, to) = ("\(path)-\(round).lessons", "\(elsewhere ?? path)-\(round).model")
    try data.write(to: URL(filePath: from))
    let (ending, _, errors) = try await Child.output(of: ["cp", from, to])
    guard ending == .exit(0) else { throw CopyError(description: errors) }
    return TrainingPlan(made: [.answerer: ModelReference(model: to, digest: SHA256.hash(data).hexadecimal)])
  }
}

/// Answers what it was taught, word for word.
private struct ByHeart: Answerer {
  let author: Author
  private let task: any TaskDefinition
  private let lessons: [String: String]

  init(_ model: ModelReference, step: Int, _ task: any TaskDefinition) throws {
    author = .answerer(role: "by heart", step: step)
    self.task = task
    lessons =
      model.model.isEmpty
      ? [:] : try JSONDecoder().decode([String: String].self, from: Data(contentsOf: URL(filePath: model.model)))
  }

  func reply(to asked: [Asked], in contexts: [Context]) throws -> [Reply] {
    try asked.map { asked in
      let lesson = lessons[task.write(contexts[asked.context]).joined() + task.write(asked.question)]
      let answer = try lesson.flatMap { $0 == "?" ? nil : try task.readAnswer($0, to: asked.question) }
      return Reply(answer ?? task.unknown, by: author)
    }
  }
}
