import Testing
import Torch

@testable import Language
@testable import ModelFiles

/// Models of each family against Hugging Face's implementations, in 32-bit floats.
struct DecoderTests {
  static let families = DecoderConfiguration.Family.allCases

  @Test(arguments: families, devices) func logits(_ family: DecoderConfiguration.Family, _ device: Device) throws {
    let tiny = try Tiny(family)
    let decoder = Decoder(try tiny.weights(on: device))
    let sequences = Vectors.all.sequences
    let packing = try Packing(sequences.map { Packing.Run(count: $0.count) }, device: device)
    let hidden = try withoutGradients { try decoder(sequences.flatMap(\.self), packing, nil) }
    let last = try hidden.rows(Tensor(tokens: packing.lastRows, shape: [sequences.count], device: device))
    let logits = try last.logits(of: decoder.weights.words)
    expectClose(try logits.floats(), tiny.vectors.logits.flatMap(\.self))
  }

  /// Whether they are read together, as here, or alone.
  @Test(arguments: families) func fiftyPrompts(_ family: DecoderConfiguration.Family) throws {
    let (tiny, prompts) = (try Tiny(family), Vectors.prompts)
    let decoder = Decoder(try tiny.weights())
    let packing = try Packing(prompts.map { Packing.Run(count: $0.count) }, device: .cpu)
    let hidden = try withoutGradients { try decoder(prompts.flatMap(\.self), packing, nil) }
    let last = try hidden.rows(Tensor(tokens: packing.lastRows, shape: [prompts.count], device: .cpu))
    expectClose(
      try last.logits(of: decoder.weights.words).floats(), tiny.vectors.prompted.logits.flatMap(\.self), within: 1e-3)
    let said = try decoder.generate(prompts, most: 8, stops: [])
    #expect(said.map(\.tokens) == tiny.vectors.prompted.said)
  }

  @Test(arguments: families, devices)
  func whatIsSaidIsAsLikely(_ family: DecoderConfiguration.Family, _ device: Device) throws {
    let tiny = try Tiny(family)
    let likelihoods = try Decoder(tiny.weights(on: device)).logProbabilities(of: Vectors.all.exchanges, nil)
    for (a, b) in zip(likelihoods, tiny.vectors.likelihoods) { expectClose(a, b) }
  }

  @Test(arguments: families, devices)
  func whatIsSaidIsTheSame(_ family: DecoderConfiguration.Family, _ device: Device) throws {
    let tiny = try Tiny(family)
    let said = try Decoder(tiny.weights(on: device)).generate(Vectors.all.sequences, most: 8, stops: [])
    #expect(said.map(\.tokens) == tiny.vectors.said)
    #expect(said.allSatisfy { $0.end == .length && $0.logProbabilities.count == 8 })
  }

  private func expectGradients(
    _ trained: (loss: Float, gradient: Gradient), _ layout: ParameterLayout, _ expected: Vectors.Trained
  ) throws {
    let numbers = try trained.gradient.numbers()
    expectClose([trained.loss], [expected.loss])
    #expect(layout.entries.count == expected.gradients.count)
    for entry in layout.entries {
      let own = numbers[entry.range]
      let norm = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let known = try #require(expected.gradients[entry.name])
      expectClose([norm] + own.dropFirst().prefix(2), known)
      #expect(abs(norm - known[0]) < 1e-3 * known[0] + 1e-6, "\(entry.name): \(norm), and known is \(known[0])")
    }
  }

  @Test(arguments: families, devices)
  func anAdapterLearnsTheSame(_ family: DecoderConfiguration.Family, _ device: Device) throws {
    let tiny = try Tiny(family)
    let (decoder, p) = try tiny.adapted(on: device)
    try expectGradients(decoder.gradient(of: Vectors.all.exchanges, total: 6, p), p.layout, tiny.vectors.adapted)
  }

  @Test(arguments: families, devices)
  func allWeightsLearnTheSame(_ family: DecoderConfiguration.Family, _ device: Device) throws {
    let tiny = try Tiny(family)
    let layout = tiny.configuration.layout
    let p = try Parameters(layout, start: Tiny.start(layout), device: device)
    let decoder = Decoder(try DecoderWeights(tiny.configuration, training: p))
    try expectGradients(decoder.gradient(of: Vectors.all.exchanges, total: 6, p), layout, tiny.vectors.full)
  }

  @Test(arguments: families) func halvesOfABatchSumToTheWhole(_ family: DecoderConfiguration.Family) throws {
    let (decoder, p) = try Tiny(family).adapted()
    let exchanges = Vectors.all.exchanges
    let whole = try decoder.gradient(of: exchanges, total: 6, p)
    var sum = try decoder.gradient(of: [exchanges[0]], total: 6, p)
    let other = try decoder.gradient(of: [exchanges[1]], total: 6, p)
    try sum.gradient.add(other.gradient)
    expectClose(try sum.gradient.numbers(), try whole.gradient.numbers(), within: 1e-5)
    expectClose([sum.loss + other.loss], [whole.loss], within: 1e-5)
  }

  @Test(arguments: families, devices)
  func mergedItSaysTheSame(_ family: DecoderConfiguration.Family, _ device: Device) throws {
    let (decoder, p) = try Tiny(family).adapted(on: device)
    let adapter = try #require(decoder.adapter)
    let merged = Decoder(try decoder.weights.merged(with: adapter, p))
    let beside = try decoder.logProbabilities(of: Vectors.all.exchanges, p)
    let within = try merged.logProbabilities(of: Vectors.all.exchanges, nil)
    expectClose(within.flatMap(\.self), beside.flatMap(\.self))
    let plain = try Decoder(decoder.weights).logProbabilities(of: Vectors.all.exchanges, nil)
    #expect(plain != beside)
  }

  /// Eight bits for the digits of a number: near, and no nearer.
  @Test(arguments: families, devices)
  func bfloat16IsNear(_ family: DecoderConfiguration.Family, _ device: Device) throws {
    let tiny = try Tiny(family)
    let (decoder, p) = try tiny.adapted(.bfloat16, on: device)
    #expect(decoder.weights.embeddings.numberType == .bfloat16)
    let (loss, gradient) = try decoder.gradient(of: Vectors.all.exchanges, total: 6, p)
    #expect(abs(loss - tiny.vectors.adapted.loss) < 0.1)
    let norm = try gradient.numbers().reduce(0) { $0 + $1 * $1 }.squareRoot()
    let known = tiny.vectors.adapted.gradients.values.reduce(0) { $0 + $1[0] * $1[0] }.squareRoot()
    #expect(abs(norm - known) < 0.1 * known)
    let likelihoods = try decoder.logProbabilities(of: Vectors.all.exchanges, p).flatMap(\.self)
    #expect(abs(likelihoods.reduce(0, +) / 6 + loss) < 0.02)
    #expect(try decoder.generate(Vectors.all.sequences, most: 4, stops: [], p).allSatisfy { $0.tokens.count == 4 })
  }

  @Test func whatIsTaughtIsSaid() throws {
    let (decoder, p) = try Tiny(.llama).adapted()
    let stop: Int32 = 39
    let taught = (0..<4).map { Exchange(prompt: [7, 10 + $0], answer: [20 + $0, 30 - $0, stop]) }
    var optimiser = try p.readValues { try Optimiser(Optimiser.Averages(of: Array($0)), device: .cpu) }
    for _ in 0..<120 {
      let gradient = try decoder.gradient(of: taught, total: 12, p).gradient.numbers()
      try optimiser.apply(gradient, to: p, rate: 0.01, clip: 1, averaging: 1)
    }
    let said = try decoder.generate(taught.map(\.prompt), most: 5, stops: [stop], p)
    #expect(said.map { $0.tokens + [stop] } == taught.map(\.answer))
    #expect(said.allSatisfy { $0.end == .stopped && $0.logProbability > -1.5 })
  }
}
