import Amplification
import Distillation
import Randomness
import SecondDevice
import Testing
import Torch

@testable import Models

private let other = Device(name: String(cString: sd_name()))

/// X and H′ on another device than the CPU: whatever is made on the wrong one is an error there.
struct ModelsOnADeviceTests {
  private let x = AnswererNetwork(shape, small)
  private let h = OverseerNetwork(shape, small)

  private func learners(on device: Device) throws -> (x: Learner, h: Learner) {
    (
      try Learner(
        x.layout, start: x.startingValues(of: .answerer, seed: 5), rate: LearningRate(peak: 3e-3), horizon: 20,
        device: device),
      try Learner(
        h.layout, start: h.startingValues(of: .overseer, seed: 5), rate: LearningRate(peak: 3e-3), horizon: 20,
        by: .adam, device: device)
    )
  }

  /// As workers do: one gradient a step comes from the device, and one goes there.
  private func train(_ learners: (x: Learner, h: Learner), steps: Int) async throws {
    let transcripts = try await transcripts(4)
    for _ in 0..<steps {
      try learners.x.apply(x.gradient(of: examples(4), total: 16, learners.x.parameters).gradient.numbers())
      try learners.h.apply(h.gradient(of: transcripts, total: 16, learners.h.parameters).gradient.numbers())
    }
  }

  @Test func trainingGoesAsOnTheCPU() async throws {
    let (here, there) = (try learners(on: .cpu), try learners(on: other))
    try await train(here, steps: 3)
    try await train(there, steps: 3)
    for (a, b) in [(there.x, here.x), (there.h, here.h)] {
      let (a, b) = (try a.state(), try b.state())
      #expect(a.step == 3)
      for (p, q) in [(a.values, b.values), (a.average, b.average), (a.first, b.first), (a.second, b.second)] {
        let furthest = zip(p, q).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(p.count == q.count && furthest < 1e-4, "apart by \(furthest)")
      }
    }
  }

  @Test func factsAreReadForEachQuestionAsOnTheCPU() throws {
    let network = AnswererNetwork(shape, reading)
    let (rows, examples) = (rows(4), examples(4))
    let found = try [Device.cpu, other].map { device in
      let learner = try Learner(
        network.layout, start: network.startingValues(of: .answerer, seed: 5), rate: LearningRate(peak: 3e-3),
        horizon: 20, device: device)
      for _ in 0..<3 {
        try learner.apply(network.gradient(of: examples, total: 16, learner.parameters).gradient.numbers())
      }
      let replies = try ModelAnswerer(network, learner.parameters, role: "student", step: 3)
        .reply(to: asked(rows), in: rows.map(\.context))
      return (values: try learner.state().values, replies: replies)
    }
    for (a, b) in zip(found[0].values, found[1].values) { #expect(abs(a - b) < 1e-4) }
    for (a, b) in zip(found[0].replies, found[1].replies) {
      #expect(a.answer == b.answer && abs(a.doubt.nats - b.doubt.nats) < 1e-3)
    }
  }

  @Test func aStateGoesOnOnAnotherDevice() throws {
    let there = try learners(on: other).x
    try there.apply(x.gradient(of: examples(4), total: 16, there.parameters).gradient.numbers())
    let state = try there.state()
    let here = try Learner(x.layout, start: nil, rate: LearningRate(peak: 3e-3), horizon: 20, device: .cpu)
    try here.restore(state)
    #expect(try here.state() == state)
    try there.restore(state)
    #expect(try there.state() == state)
  }

  /// Neither parameters nor averages: only what is exchanged with other workers.
  @Test func aStepCopiesTheGradientOnceEachWay() throws {
    let learner = try learners(on: other).x
    let (examples, count) = (examples(4), learner.parameters.count)
    var (to, from) = (0, 0)
    sd_copied(&to, &from)
    let (_, gradient) = try x.gradient(of: examples, total: 16, learner.parameters)
    sd_copied(&to, &from)
    // A loss, and what libtorch asks of indices, to see that they are of the vocabulary.
    #expect(from < 20 && to < 2000, "\(to) there, \(from) back, of \(count)")
    let numbers = try gradient.numbers()
    try learner.apply(numbers)
    sd_copied(&to, &from)
    #expect((to, from) == (count, count))
  }

  /// Permutations have none; other tasks do.
  @Test func whatStandsForANumberIsMadeThere() throws {
    var layout = ParameterLayout()
    let vectors = TokenVectors("t", tokens: 5, numbers: [nil, nil, 1, 2, 3], width: 8, deviation: 1, in: &layout)
    let start = layout.startingValues(of: .answerer, seed: 5)
    let results = try [Device.cpu, other].map { try vectors(Parameters(layout, start: start, device: $0)).floats() }
    for (a, b) in zip(results[0], results[1]) { #expect(abs(a - b) < 1e-5, "\(a), \(b)") }
    #expect(results[0].count == 5 * 8 && results[1].count == 5 * 8)
  }

  @Test func answersAndDecompositionsAreTheCPUs() async throws {
    let here = try await answered(with: learners(on: .cpu))
    let there = try await answered(with: learners(on: other))
    #expect(here.trees.map(\.transcript) == there.trees.map(\.transcript))
    for (a, b) in zip(here.trees, there.trees) { #expect(abs(a.jointDoubt.nats - b.jointDoubt.nats) < 1e-3) }
    for (a, b) in zip(here.logP, there.logP) { #expect(abs(a - b) < 1e-3, "\(a), \(b)") }
  }

  private func answered(
    with learners: (x: Learner, h: Learner)
  ) async throws -> (trees: [AmplificationTree], logP: [Float]) {
    let (rows, transcripts) = (rows(4), try await transcripts(2))
    let answerer = ModelAnswerer(x, learners.x.parameters, role: "teacher", step: 0)
    let overseer = LearnedOverseer(h, learners.h.parameters, step: 0)
    let trees = try await Amplifier(overseer: overseer, answerer: answerer, facts: task, mostSteps: task.mostSteps)
      .amplify(asked(rows), in: rows.map(\.context))
    let logP = try answerer.logProbabilities(
      of: rows[0].answers[0], to: rows[0].questions[0], in: rows[0].context)
    let loss = try h.loss(of: transcripts, learners.h.parameters)
    return (
      trees,
      try x.negativeLogLikelihood(of: examples(4), learners.x.parameters)
        + h.negativeLogLikelihood(of: transcripts, learners.h.parameters)
        + [loss] + logP
    )
  }
}
