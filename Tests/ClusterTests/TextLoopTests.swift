import Amplification
import ClusterFile
import Distillation
import Foundation
import Models
import RunStore
import Status
import Tasks
import Testing
import WorkUnits

@testable import Coordinator
@testable import Torch
@testable import Worker

/// The whole loop with a task of texts, and a model that is none: a table of what it was told.
@Suite(.serialized) struct TextLoopTests {
  private let models = try? OtherModels()

  private func configuration(_ models: OtherModels) throws -> ClusterFile {
    var file = try ClusterFile().setting([
      "cluster.bind=tcp://127.0.0.1:*", "task.name=addition", "task.size=2", "task.start=2", "task.raise_after=0",
      "run.rounds=8", "run.stop_at=2", "run.evaluate_every=4", "run.checkpoint_every=3", "overseer.kind=scripted",
      "amplification.contexts=16", "amplification.questions=2", "distillation.steps=10", "distillation.batch=32",
      "distillation.learning_rate=0.05", "distillation.polyak_horizon=10",
    ])
    file.run.folder = models.folder
    return file
  }

  @Test func whatPeopleTaughtIsAmplified() async throws {
    let models = try #require(models)
    let file = try configuration(models)
    let result = try #require(try await models.run("whole", file, draft: Table.blueprint))
    #expect(try await models.run("parts", file, workers: 2, draft: Table.blueprint, stoppingAfter: 4) == nil)
    let again = try #require(try await models.run("parts", file, workers: 2, draft: Table.blueprint))
    #expect(again.weightsSHA256 == result.weightsSHA256 && again.accuracy == result.accuracy)
    let classes = result.accuracy.byClass
    #expect(Set(classes.keys) == ["1 digit", "2 digits"])
    #expect(classes["1 digit"]?.student == 1 && classes["2 digits"]?.amplified == 1)
    #expect((classes["2 digits"]?.student ?? 1) < 0.5)
    // Once the table said what it was taught, it was asked.
    #expect(result.amplifiedQuestions > 32 * 3 && result.steps == 80 - 10)

    let store = try await RunStore.read("parts", in: models.folder)
    let (_, checkpoint) = try #require(try await store.latestCheckpoint(report: { Issue.record("\($0)") }))
    try await expectAnswers(of: LoadedModels(file, RunCheckpoint.models(in: checkpoint), Table.blueprint))
    let lessons = try RunCheckpoint.examples(in: checkpoint, file.makeTask(), file)
    #expect(lessons.count { $0.source == "taught" } == 200)
    #expect(lessons.count { $0.source == "amplified" && $0.kind == "2 digits" } == result.amplifiedQuestions)
    #expect(lessons.allSatisfy { $0.answer == $0.truth && $0.facts.isEmpty })
  }

  private func expectAnswers(of models: LoadedModels) async throws {
    let question = try models.task.readQuestion("83 + 49")
    let (_, tree) = try await models.ask(question, about: Context(passages: []), depth: 1, seed: 1)
    #expect(models.task.write(tree.answer) == "132")
    #expect(tree.children.map { models.task.write($0.question) } == ["3+9=", "8+4+1="])
    #expect(tree.children.map { models.task.write($0.answer) } == ["12", "13"])
    let longer = try await models.evaluate(contexts: 10, elements: 3, seed: 1)
    #expect(longer.byClass.keys.contains("3 digits"))
  }

  @Test func whatIsTaughtIsAsTheFileSays() async throws {
    let models = try #require(models)
    let path = "\(models.folder)/taught.txt"
    func taught(_ text: String, _ settings: String...) throws -> [String] {
      try Data(text.utf8).write(to: URL(filePath: path))
      var file = try configuration(models)
      file.task.taught = path
      file = try file.setting(settings)
      let task = try file.makeTask()
      return try Teaching.examples(file, task).rows.map { task.write($0.questions[0]) + task.write($0.answers[0]) }
    }
    func problem(_ text: String) -> String {
      do { return "\(try taught(text))" } catch { return "\(error)" }
    }
    #expect(try taught("# sums\n7+9=16\n\n 7 + 9 + 1 = 17\n2+2=5\n") == ["7+9=16", "7+9+1=17", "2+2=5"])
    #expect(problem("7+9=16\n7+9=x\n").hasPrefix("\(path), line 2: “x” is no answer"))
    #expect(problem("7+9=16\nseven\n").contains("line 2: “seven” is no question with its answer"))
    #expect(problem("7/9=1\n").contains("line 1: “7/9=” is no question"))
    #expect(problem("\n").contains("teaches nothing"))

    var file = try configuration(models)
    func lessons(_ settings: String...) throws -> Examples {
      let file = try file.setting(settings)
      return try Teaching.examples(file, try file.makeTask())
    }
    #expect(try lessons().questions.count == 200 && lessons("task.taught=none").questions.count == 0)
    let some = try lessons("task.taught_count=50", "task.taught_wrong=0.1")
    let task = try file.makeTask()
    let wrong = some.rows.filter { !task.isRight($0.answers[0], to: $0.questions[0], in: $0.context) }
    #expect(some.contexts == 50 && wrong.count == 5)
    #expect(try some == lessons("task.taught_count=50", "task.taught_wrong=0.1"))
    #expect(throws: TeachingError.self) { try lessons("task.taught_count=201") }
    file.task.name = "permutation"
    file.task.size = 4
    file.task.start = 4
    #expect(try lessons().questions.count == 0)
    #expect(throws: TeachingError.self) { try lessons("task.taught=\(path)") }
  }
}

/// A table of answers, character by character, that learns by gradients as any network does. It knows what it was told, and
/// nothing else.
private struct Table: Network {
  private static let (places, symbols, others) = (4, 11, 300)

  private let rows: [Question: Int]
  var layout = ParameterLayout()

  static let blueprint: Blueprint.Draft = { file, task in
    let table = try Table(#require(task as? any TextTask))
    func answerer(_ values: [Float], _ role: String, _ step: Int) throws -> any Answerer {
      TableAnswerer(
        table: table, values: values, task: try #require(task as? any TextTask),
        author: .answerer(role: role, step: step))
    }
    return Blueprint(
      networks: [
        .answerer: .init(
          network: table, rate: LearningRate(file.distillation), horizon: file.distillation.polyakHorizon)
      ],
      answerers: { version in
        let state = try version.state
        return (
          student: try answerer(state.values, "student", state.step),
          teacher: try answerer(state.average, "teacher", state.step)
        )
      },
      imitator: nil)
  }

  private init(_ task: any TextTask) {
    rows = Dictionary(task.leaves.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    _ = layout.add("table", [rows.count + Self.others, Self.places, Self.symbols], .constant(0))
  }

  /// Where the numbers for a place of the answer begin.
  private func start(_ question: Question, _ place: Int) -> Int {
    let row =
      rows[question]
      ?? rows.count + (question.content.text ?? "").utf8.reduce(0) { (31 * $0 + Int($1)) % Self.others }
    return (row * Self.places + place) * Self.symbols
  }

  func answer(_ question: Question, _ values: [Float]) -> String {
    var text = ""
    for place in 0..<Self.places {
      let start = start(question, place)
      let likeliest = (0..<Self.symbols).max { values[start + $0] < values[start + $1] } ?? 0
      guard likeliest < 10 else { break }
      text += "\(likeliest)"
    }
    return text
  }

  func gradient(of data: TrainingData, total: Int, _ p: Parameters) throws -> (loss: Float, gradient: Gradient) {
    guard case .examples(let examples) = data else { throw TorchError(operation: "gradient", reason: "no examples") }
    let values = try p.readValues { Array($0) }
    var (loss, gradient) = (Float(0), [Float](repeating: 0, count: layout.count))
    for row in examples.rows {
      for (question, answer) in zip(row.questions, row.answers) {
        let symbols = (answer.content.text ?? "").compactMap(\.wholeNumberValue) + [10]
        for (place, symbol) in symbols.prefix(Self.places).enumerated() {
          let start = start(question, place)
          let powers = (0..<Self.symbols).map { exp(values[start + $0]) }
          let sum = powers.reduce(0, +)
          loss -= log(powers[symbol] / sum) / Float(total)
          for other in 0..<Self.symbols {
            gradient[start + other] += (powers[other] / sum - (other == symbol ? 1 : 0)) / Float(total)
          }
        }
      }
    }
    return (loss, try Gradient(copying: p.numbers(gradient, shape: [gradient.count])))
  }

  func activations(of size: MicrobatchSize) -> Int { 0 }
}

private struct TableAnswerer: Answerer {
  let table: Table
  let values: [Float]
  let task: any TextTask
  let author: Author

  func reply(to asked: [Asked], in contexts: [Context]) -> [Reply] {
    asked.map { Reply(task.answer(written: table.answer($0.question, values), to: $0.question), by: author) }
  }
}
