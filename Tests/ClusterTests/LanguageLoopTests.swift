import Amplification
import ClusterFile
import Foundation
import Reference
import RunStore
import Tasks
import Testing
import WorkUnits

@testable import Coordinator
@testable import Models
@testable import Worker

/// The whole loop with a language model in the workers: tiny, of random weights, and with the few tokens that sums need.
struct LanguageLoopTests {
  private let models = try? OtherModels()

  private func configuration(_ models: OtherModels) throws -> ClusterFile {
    try TinyLanguageModel().write(to: models.base)
    return try models.configuration.setting([
      "task.name=addition", "task.size=2", "task.start=2", "task.taught_count=20", "task.taught_steps=60",
      "task.taught_until=0.5", "run.rounds=8", "run.evaluate_every=2", "run.checkpoint_every=2",
      "amplification.contexts=20", "amplification.questions=1", "distillation.batch=20",
      "distillation.learning_rate=0.02",
      "distillation.warm_up=5", "distillation.polyak_horizon=5", "model.kind=language", "model.weights=\(models.base)",
      "model.lora_rank=8",
      // oneDNN, which multiplies numbers of 16 bits, is not to be trusted with several threads of one process and many shapes
      // (2.6: it fails, or computes something else). A worker's process has one that computes; here there are several.
      "model.numbers=float32",
    ]).settled()
  }

  @Test func theSameBitsWhoeverComputesThem() async throws {
    let models = try #require(models)
    let file = try configuration(models)
    let result = try #require(try await models.run("one", file))
    let again = try #require(try await models.run("two", file, workers: 2, losingOneAfter: 3))
    #expect(again.weightsSHA256 == result.weightsSHA256 && again.accuracy == result.accuracy)
    #expect(again.amplifiedQuestions == result.amplifiedQuestions && result.amplifiedQuestions > 0)

    let store = try await RunStore.read("two", in: models.folder)
    let losses = try await store.history(report: { Issue.record("\($0)") }).compactMap(\.loss)
    // Of each character, less than half of what it costs to guess one of ten.
    #expect(losses.count > 2 && losses.allSatisfy { $0 < log(10) / 2 }, "\(losses)")
    let (_, checkpoint) = try #require(try await store.latestCheckpoint(report: { Issue.record("\($0)") }))
    let names = checkpoint.arrays.entries.map(\.name).filter { $0.contains("model.layers.") }
    #expect(!names.isEmpty && names.allSatisfy { $0.contains(".lora_") }, "\(names)")
    #expect(!checkpoint.arrays.entries.contains { $0.name.contains("embed_tokens") })

    let snapshot = try RunCheckpoint.models(in: checkpoint)
    try await expectTree(of: LoadedModels(file, snapshot))
    var model = TinyLanguageModel()
    model.seed += 1
    try model.write(to: models.base)
    let error = #expect(throws: (any Error).self) { try LoadedModels(file, snapshot) }
    #expect(error.map { "\($0)".contains("another model than the run's") } == true)
  }

  /// Without an adapter: the run begins with the file's numbers, and all of them learn.
  @Test func allOfASmallModelLearns() async throws {
    let models = try #require(models)
    let file = try configuration(models).setting(["model.tuning=full", "distillation.learning_rate=0.003"]).settled()
    let result = try #require(try await models.run("one", file))
    let again = try #require(try await models.run("two", file, workers: 2, losingOneAfter: 3))
    #expect(again.weightsSHA256 == result.weightsSHA256 && again.accuracy == result.accuracy)

    let store = try await RunStore.read("two", in: models.folder)
    let losses = try await store.history(report: { Issue.record("\($0)") }).compactMap(\.loss)
    #expect(losses.count > 2 && losses.allSatisfy { $0 < log(10) / 2 }, "\(losses)")
    let (_, checkpoint) = try #require(try await store.latestCheckpoint(report: { Issue.record("\($0)") }))
    let names = Set(checkpoint.arrays.entries.map(\.name))
    #expect(names.contains { $0.contains("embed_tokens") } && !names.contains { $0.contains("lora") }, "\(names)")
    try await expectTree(of: LoadedModels(file, RunCheckpoint.models(in: checkpoint)))

    let (base, task) = (try file.base(), try #require(try file.makeTask() as? any TextTask))
    let tuning = LanguageTuning(try LanguageBase(base, .float32, device: .cpu), adapter: nil)
    let network = LanguageNetwork(tuning, task)
    let start = try network.startingValues(of: .answerer, seed: 1)
    let places = Dictionary(uniqueKeysWithValues: network.layout.entries.map { ($0.name, $0.range) })
    for tensor in base.tensors { #expect(places[tensor.name].map { Array(start[$0]) } == tensor.values()) }
    #expect(start.count == base.parameters)
  }

  /// H′ is a language model, too: it learns how sums are taken apart, and stands in for H once it knows.
  @Test func takingApartIsLearned() async throws {
    let models = try #require(models)
    let file = try configuration(models).setting([
      "overseer.kind=learned", "overseer.decompositions=200", "overseer.per_round=20", "overseer.steps=20",
      "overseer.batch=16", "overseer.learning_rate=0.02", "overseer.trust_loss=0.5", "run.rounds=14",
    ]).settled()
    let result = try #require(try await models.run("one", file))
    let again = try #require(try await models.run("two", file, workers: 2, losingOneAfter: 3))
    #expect(again.weightsSHA256 == result.weightsSHA256 && again.accuracy == result.accuracy)

    let store = try await RunStore.read("two", in: models.folder)
    let losses = try await store.history(report: { Issue.record("\($0)") }).compactMap(\.overseerLoss)
    let (first, last) = try #require(losses.first.flatMap { first in losses.last.map { (first, $0) } })
    #expect(last < first / 2, "\(losses)")
    #expect(result.amplifiedQuestions > 0 && result.humanDecompositions >= 100, "\(result)")
    let (_, checkpoint) = try #require(try await store.latestCheckpoint(report: { Issue.record("\($0)") }))
    let loaded = try LoadedModels(file, RunCheckpoint.models(in: checkpoint))
    let question = try loaded.task.readQuestion("83+49")
    let (_, tree) = try await loaded.ask(question, about: Context(passages: []), depth: 1, seed: 1)
    #expect(tree.author.isOverseer && tree.author != .scripted && !tree.children.isEmpty, "\(tree)")
  }

  /// The tiny model has a window of 64 tokens: what is decided behind more than that ends no run.
  @Test func whatHasNoRoomInTheWindowIsLeftOut() throws {
    let models = try #require(models)
    let file = try configuration(models).setting(["overseer.kind=learned"]).settled()
    let task = try #require(try file.makeTask() as? any TextTask)
    let base = try LanguageBase(try file.base(), .float32, device: .cpu)
    let network = LanguageOverseerNetwork(LanguageTuning(base, adapter: .init(rank: 2)), task)
    let layout = network.layout
    let values = layout.startingValues(of: .overseer, seed: 1)
    let h = try LanguageOverseer(network, values, step: 0)
    let number = String(repeating: "9", count: 17)
    var transcript = Transcript(Question(text: "\(number)+\(number)="))
    transcript.steps = [.init(Question(text: "\(number)+\(number)="), Answer(text: number))]
    transcript.answer = Answer(text: number)
    #expect(network.decisions(in: transcript).isEmpty)
    var short = Transcript(Question(text: "83+49="))
    short.answer = Answer(text: "132")
    let losses = try h.negativeLogLikelihood(of: [transcript, short])
    #expect(losses[0] == 0 && losses[1] > 0, "\(losses)")
  }

  private func expectTree(of models: LoadedModels) async throws {
    let task = models.task
    let (question, nothing) = (try task.readQuestion("83+49"), Context(passages: []))
    let (student, tree) = try await models.ask(question, about: nothing, depth: 1, seed: 1)
    #expect(tree.children.first.map { task.write($0.question) } == "3+9=")
    #expect(task.isOfKind(student, askedBy: question) && task.isOfKind(tree.answer, askedBy: question))
    let logP = try models.logProbabilities(of: Answer(text: "132"), to: question, about: nothing)
    #expect(logP?.count == 4 && logP?.allSatisfy { $0 < 0 } == true)
  }

  @Test func whatALanguageModelCanNotBe() throws {
    let models = try #require(models)
    let file = try configuration(models)
    func problem(_ settings: String...) -> String {
      do { return "\(try file.setting(settings).settled())" } catch { return "\(error)" }
    }
    #expect(problem("model.kind=network").contains("model.kind is network"))
    #expect(problem("task.name=permutation", "task.size=4", "task.start=4").contains("it can only be network"))
    #expect(problem("overseer.kind=learned", "overseer.robustness=0.5").contains("learns all alike"))
    #expect(problem("model.tuning=full", "model.numbers=bfloat16").contains("weights that learn are of float32"))
    #expect(
      problem("model.tuning=full", "model.kind=network", "task.name=path", "task.size=8", "task.start=8").contains(
        "it is for language models"))
    #expect(problem("model.weights=none").contains("model.weights names no model"))
    #expect(problem("model.weights=\(models.folder)/nowhere").contains("nowhere"))
    let other = String(repeating: "0", count: 64)
    #expect(problem("model.weights_sha256=\(other)").contains("another model than the run's"))
  }

  @Test func whatIsAnsweredTogetherIsEquallyLong() {
    let lengths = [5, 7, 5] + [Int](repeating: 6, count: 150)
    let units = LanguageAnswerer.units(of: lengths)
    #expect(units.map(\.count) == [2, 64, 64, 22, 1] && units[0] == [0, 2])
    #expect(units.allSatisfy { unit in Set(unit.map { lengths[$0] }).count == 1 })
    #expect(LanguageAnswerer.units(of: []).isEmpty)
  }
}
