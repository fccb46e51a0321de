import Amplification
import Distillation
import Foundation
import Randomness
import Tasks
import Testing
import Torch

@testable import Models

let task = Permutation(size: 5, bits: 3)
let shape = TaskShape(task)
private let key = RandomKey(seed: 0, purpose: .questions)

var small: ModelConfiguration {
  var sizes = ModelConfiguration()
  sizes.width = 32
  sizes.overseerWidth = 32
  sizes.factLayers = 2
  sizes.questionLayers = 2
  return sizes
}

/// The facts are read again for each question by itself.
var reading: ModelConfiguration {
  var sizes = small
  sizes.factLayers = 1
  sizes.readingLayers = 3
  return sizes
}

func rows(_ count: Int) -> [Examples.Row] {
  (0..<count).map { index in
    var random = CounterGenerator(seed: 3, purpose: .contexts, index: index)
    let context = task.sampleContext(elements: 5, using: &random)
    let questions = (0..<4).map { _ in task.sampleQuestion(about: context, using: &random) }
    return (context, questions, questions.map { task.truth(of: $0, in: context) })
  }
}

func asked(_ rows: [Examples.Row]) -> [Asked] {
  rows.enumerated().flatMap { place, row in row.questions.map { Asked($0, about: place, key: key) } }
}

func examples(_ count: Int) -> Examples {
  let rows = rows(count)
  return Examples(asked(rows), rows.flatMap(\.answers), in: rows.map(\.context))
}

private struct Truth: Answerer {
  let author = Author.lookUp
  func reply(to asked: [Asked], in contexts: [Context]) -> [Reply] {
    asked.map { Reply(task.truth(of: $0.question, in: contexts[$0.context]), by: author) }
  }
}

func transcripts(_ count: Int) async throws -> [Transcript] {
  let rows = rows(count)
  return try await Amplifier(
    overseer: task.scriptedOverseer(), answerer: Truth(), facts: task, mostSteps: task.mostSteps
  ).amplify(asked(rows), in: rows.map(\.context)).map(\.transcript)
}

struct AnswererTests {
  private let network = AnswererNetwork(shape, small)

  private func learner(
    _ network: AnswererNetwork? = nil, rate: Double = 3e-3, by method: Optimiser.Method = .muon
  ) throws -> Learner {
    try Learner(
      (network ?? self.network).layout, start: (network ?? self.network).startingValues(of: .answerer, seed: 5),
      rate: LearningRate(peak: rate), horizon: 20, by: method,
      device: .cpu)
  }

  @Test(arguments: [(small, Optimiser.Method.muon, 3e-3), (small, .adam, 3e-3), (reading, .muon, 1e-3)])
  func itLearnsABatchByHeart(_ sizes: ModelConfiguration, _ method: Optimiser.Method, _ rate: Double) throws {
    let network = AnswererNetwork(shape, sizes)
    let learner = try learner(network, rate: rate, by: method)
    let (rows, examples) = (rows(4), examples(4))
    for _ in 0..<300 {
      try learner.apply(network.gradient(of: examples, total: 16, learner.parameters).gradient.numbers())
    }
    let answerer = ModelAnswerer(network, learner.parameters, role: "student", step: learner.step)
    let replies = try answerer.reply(to: asked(rows), in: rows.map(\.context))
    #expect(replies.map(\.answer) == rows.flatMap(\.answers))
  }

  @Test func theSameStepsGiveTheSameBits() throws {
    let states = try (0..<2).map { _ in
      let learner = try learner()
      for _ in 0..<3 {
        try learner.apply(network.gradient(of: examples(4), total: 16, learner.parameters).gradient.numbers())
      }
      return try learner.state()
    }
    #expect(states[0] == states[1])
  }

  @Test func trainingGoesOnFromAState() throws {
    func step(_ learner: Learner) throws {
      try learner.apply(network.gradient(of: examples(2), total: 8, learner.parameters).gradient.numbers())
    }
    let learner = try learner()
    for _ in 0..<2 { try step(learner) }
    let middle = try learner.state()
    try step(learner)
    let other = try self.learner()
    try other.restore(middle)
    try step(other)
    #expect(try other.state() == learner.state())
  }

  @Test func gradientsOfMicrobatchesAddUpToTheBatchs() throws {
    let learner = try learner()
    let examples = examples(4)
    let whole = try network.gradient(of: examples, total: 16, learner.parameters)
    let parts = try [0..<2, 2..<4].map {
      try network.gradient(of: examples.contexts($0), total: 16, learner.parameters)
    }
    let (left, right) = (try parts[0].gradient.numbers(), try parts[1].gradient.numbers())
    #expect(abs(parts[0].loss + parts[1].loss - whole.loss) < 1e-4)
    for (index, value) in try whole.gradient.numbers().enumerated() {
      #expect(abs(left[index] + right[index] - value) < 1e-4)
    }
  }

  @Test func unknownAnswersTeachNothing() throws {
    let learner = try learner()
    let row = rows(1)[0]
    let unknown = Examples(asked([row]), row.answers.map { _ in .unknown(length: 1) }, in: [row.context])
    let (loss, gradient) = try network.gradient(of: unknown, total: 4, learner.parameters)
    #expect(try loss == 0 && gradient.numbers().allSatisfy { $0 == 0 })
  }

  @Test func unlessAbstainingIsLearned() throws {
    let learner = try learner()
    let row = rows(1)[0]
    let unknown = Examples(asked([row]), row.answers.map { _ in .unknown(length: 1) }, in: [row.context])
    var (half, whole) = (network, network)
    (half.abstention, whole.abstention) = (0.5, 1)
    let loss = try half.gradient(of: unknown, total: 4, learner.parameters).loss
    #expect(try loss > 0 && abs(whole.gradient(of: unknown, total: 4, learner.parameters).loss - 2 * loss) < 1e-5)
    for _ in 0..<100 {
      try learner.apply(whole.gradient(of: unknown, total: 4, learner.parameters).gradient.numbers())
    }
    // What it does not know it doubts, and `?` is no answer.
    let answerer = ModelAnswerer(whole, learner.parameters, role: "student", step: 100)
    let replies = try answerer.reply(to: asked([row]), in: [row.context])
    #expect(replies.allSatisfy { !$0.answer.isUnknown && $0.doubt > Doubt(1) })
  }

  /// Of a batch, of each of its questions alone, and in training.
  @Test(arguments: [small, reading]) func itsDoubtIsItsLoss(_ sizes: ModelConfiguration) throws {
    let network = AnswererNetwork(shape, sizes)
    let (contexts, parameters) = (rows(3).map(\.context), try learner(network).parameters)
    let some = asked(rows(3)).enumerated().filter { ![1, 2, 7].contains($0.offset) }.map(\.element)
    let answerer = ModelAnswerer(network, parameters, role: "student", step: 0)
    let replies = try answerer.reply(to: some, in: contexts)
    let losses = try network.negativeLogLikelihood(of: Examples(some, replies.map(\.answer), in: contexts), parameters)
    #expect(losses.count == 9 && replies.count == 9)
    for (asked, (reply, loss)) in zip(some, zip(replies, losses)) {
      let alone = try answerer.logProbabilities(of: reply.answer, to: asked.question, in: contexts[asked.context])
      #expect(abs(reply.doubt.nats - Double(loss)) < 1e-4 && abs(alone.reduce(loss, +)) < 1e-4)
    }
  }

  @Test func itDoubtsWhatItFindsUnlikely() throws {
    let row = rows(1)[0]
    let answerer = ModelAnswerer(network, try learner().parameters, role: "student", step: 0)
    for (asked, reply) in zip(asked([row]), try answerer.reply(to: asked([row]), in: [row.context])) {
      let logP = try answerer.logProbabilities(of: reply.answer, to: asked.question, in: row.context)
      #expect(abs(reply.doubt.nats + Double(logP.reduce(0, +))) < 1e-4 && reply.doubt > .none)
    }
  }

  /// As where nothing about some contexts was accepted.
  @Test func contextsWithoutQuestionsTeachNothing() throws {
    let learner = try learner()
    let some = examples(2).without([0, 1, 2, 3])
    let parts = try [some, some.contexts(0..<1)].map {
      try network.gradient(of: $0, total: 4, learner.parameters).gradient.numbers()
    }
    #expect(parts[0].contains { $0 != 0 } && parts[1].allSatisfy { $0 == 0 })
  }

  @Test func factsAreASet() throws {
    let p = try learner().parameters
    let row = rows(1)[0]
    let turned = Context(facts: row.context.facts.reversed())
    let answers = try [row.context, turned].map { context in
      try ModelAnswerer(network, p, role: "student", step: 0).reply(to: asked([row]), in: [context])
    }
    #expect(answers[0].map(\.answer) == answers[1].map(\.answer))
  }

  @Test func aStateOfAnotherModelIsAnError() throws {
    let learner = try learner()
    let none = LearnerState(step: 0, values: [1], first: [1], second: [1], average: [1])
    #expect(throws: TorchError.self) { try learner.restore(none) }
  }
}

struct OverseerTests {
  private let network = OverseerNetwork(shape, small)

  private func learner() throws -> Learner {
    try Learner(
      network.layout, start: network.startingValues(of: .overseer, seed: 5), rate: LearningRate(peak: 3e-3),
      horizon: 20, by: .adam, device: .cpu)
  }

  @Test func decodingWithTheCacheIsTheWholePass() throws {
    let p = try learner().parameters
    let rows: [[Int32]] = [[1, 6, 7, 6, 8], [2, 7, 7, 6, 9], [5, 6, 6, 7, 8]]
    let types = TokenRows(rows, type: .question)
    let whole = try withoutGradients { try network(types, p).argmax().tokens() }
    var cache = try network.cache(rows: rows.count, p)
    try withoutGradients {
      for run in [0..<2, 2..<3, 3..<5] {
        let next = try network.advance(&cache, TokenRows(rows.map { Array($0[run]) }, type: .question), p)
        #expect(next.tokens == rows.indices.map { whole[$0 * 5 + run.upperBound - 1] })
      }
      try network.keep([2, 0], of: &cache, p)
      let after = try network.advance(&cache, TokenRows([[1], [1]], type: .question), p).tokens
      let longer = try network(TokenRows([rows[2] + [1], rows[0] + [1]], type: .question), p).argmax().tokens()
      #expect(after == [longer[5], longer[11]])
    }
  }

  @Test func itLearnsToDecideAsTheScript() async throws {
    let learner = try learner()
    let transcripts = try await transcripts(40)
    for _ in 0..<250 {
      try learner.apply(
        network.gradient(of: transcripts, total: transcripts.count, learner.parameters).gradient.numbers())
    }
    let mimic = LearnedOverseer(network, learner.parameters, step: learner.step)
    var script = task.scriptedOverseer().deliberate(
      on: transcripts.map(\.question), keys: transcripts.map { _ in RandomKey(seed: 0, purpose: .questions) })
    var copy = try mimic.deliberate(on: transcripts.map(\.question), keys: [])
    let expected = try await script.decide(hearing: [])
    #expect(try await copy.decide(hearing: []) == expected)
    #expect(try network.loss(of: transcripts, learner.parameters) < 0.05)
  }

  /// One in five times H decides otherwise, and it hears of all of them as often.
  @Test(arguments: [(Float(0), 0.7...0.9), (0.7, 0.97...1.0)])
  func whereHErrsARobustOneLearnsWhatItMostlyDecides(_ robustness: Float, _ share: ClosedRange<Double>) async throws {
    let learner = try learner()
    var network = network
    network.robustness = robustness
    let usual = try #require(try await transcripts(1).first)
    var slip = usual
    slip.answer = Answer([try #require(usual.answer).tokens[0] == 6 ? 7 : 6])
    let all = [usual, usual, usual, usual, slip]
    var loss: Float = 0
    for _ in 0..<150 {
      let step = try network.gradient(of: all, total: all.count, learner.parameters)
      loss = step.loss
      try learner.apply(step.gradient.numbers())
    }
    let known = try network.negativeLogLikelihood(of: [usual], learner.parameters)[0]
    #expect(share.contains(Double(exp(-known))), "\(known)")
    // The loss is −log p either way: of what it does not believe it is high.
    #expect(abs(loss - (try network.loss(of: all, learner.parameters))) < 0.1 * max(1, loss))
  }

  @Test func itDoubtsItsDecisionsAsMuchAsTheirTranscripts() async throws {
    let learner = try learner()
    let some = try await transcripts(10)
    for _ in 0..<150 {
      try learner.apply(network.gradient(of: some, total: some.count, learner.parameters).gradient.numbers())
    }
    let rows = rows(10)
    // What has no end is answered `?` without its having decided so.
    let trees = try await Amplifier(
      overseer: LearnedOverseer(network, learner.parameters, step: 150), answerer: Truth(), facts: task,
      mostSteps: task.mostSteps
    ).amplify(asked(rows), in: rows.map(\.context)).filter { !$0.answer.isUnknown && !$0.children.isEmpty }
    let expected = try network.negativeLogLikelihood(of: trees.map(\.transcript), learner.parameters)
    #expect(!trees.isEmpty)
    for (tree, loss) in zip(trees, expected) { #expect(abs(tree.doubt.nats - Double(loss)) < 1e-3) }
  }

  @Test func whatIsAskedWithOthersIsDecidedAsAlone() async throws {
    let learner = try learner()
    let some = try await transcripts(10)
    for _ in 0..<150 {
      try learner.apply(network.gradient(of: some, total: some.count, learner.parameters).gradient.numbers())
    }
    let overseer = LearnedOverseer(network, learner.parameters, step: 150)
    let (one, other) = (some[0].question, try #require(some.first { $0.question != some[0].question }).question)
    // Of the same question they hear the same at first, and then another thing each.
    let questions = [one, other, one, one]
    let heard: [[Token]] = [[1, 1, 1, 1], [2, 1, 1, 1], [3, 3, 1, 2], [3, 3, 2, 1]]
    func decisions(_ rows: [Int]) async throws -> [[Decision]] {
      var deliberation = try overseer.deliberate(on: rows.map { questions[$0] }, keys: [])
      var (open, decided) = (Array(rows.indices), [[Decision]](repeating: [], count: rows.count))
      for step in 0..<4 where !open.isEmpty {
        let answers = step == 0 ? [] : open.map { Answer([heard[rows[$0]][step - 1]]) }
        let new = try await deliberation.decide(hearing: answers)
        #expect(deliberation.doubts.count == open.count)
        for (row, decision) in zip(open, new) { decided[row].append(decision) }
        open = zip(open, new).compactMap { if case .ask = $1 { $0 } else { nil } }
      }
      return decided
    }
    let together = try await decisions([0, 1, 2, 3])
    #expect(together.contains { $0.count > 1 })
    for row in 0..<4 { #expect(try await decisions([row]) == [together[row]]) }
  }

  @Test func anUntrainedOneStillEndsEveryTranscript() async throws {
    let overseer = LearnedOverseer(network, try learner().parameters, step: 0)
    struct One: Answerer {
      let author = Author.answerer(role: "teacher", step: 0)
      func reply(to asked: [Asked], in contexts: [Context]) -> [Reply] {
        asked.map { _ in Reply(Answer([1]), by: author) }
      }
    }
    let rows = rows(8)
    let asked = asked(rows)
    let trees = try await Amplifier(overseer: overseer, answerer: One(), facts: task, mostSteps: task.mostSteps)
      .amplify(asked, in: rows.map(\.context))
    #expect(trees.count == asked.count)
    #expect(trees.allSatisfy { $0.children.count <= task.mostSteps && $0.answer.tokens.count == 1 })
  }

  /// One that has learned little may write marks anywhere, and workers send on what it wrote.
  @Test func whateverItWritesIsMadeOfTheTasksTokens() async throws {
    let learner = try learner()
    var state = try learner.state()
    let bias = try #require(network.layout.entries.first { $0.name == "generate.bias" })
    // It would ask, and in the question ask again.
    state.values[bias.range.lowerBound + Int(shape.ask)] = 1000
    try learner.restore(state)
    let questions = rows(4).flatMap(\.questions)
    var deliberation = try LearnedOverseer(network, learner.parameters, step: 0).deliberate(on: questions, keys: [])
    for decision in try await deliberation.decide(hearing: []) {
      guard case .ask(let question) = decision else {
        Issue.record("it decided \(decision)")
        continue
      }
      #expect(question.tokens.allSatisfy { $0 >= 0 && $0 < Token(shape.vocabulary) }, "\(question)")
    }
  }

  @Test func aTranscriptThatIsTooLongIsAnError() async throws {
    var transcript = try await transcripts(1)[0]
    for _ in 0..<20 { transcript.steps += transcript.steps.prefix(1) }
    let learner = try learner()
    #expect(throws: TorchError.self) { try network.gradient(of: [transcript], total: 1, learner.parameters) }
  }
}
