import Testing
import Torch

struct TensorTests {
  private func tensor(_ shape: Int...) throws -> Tensor { try Tensor(zeros: shape) }

  @Test func numbersComeBackAsTheyWent() throws {
    let tensor = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(tensor.shape == [2, 3])
    #expect(try tensor.narrowed(1, 1..<3).floats() == [2, 3, 5, 6])
    #expect(try Tensor(tokens: [7, 8], shape: [2]).tokens() == [7, 8])
    #expect(try Tensor([3, 1, 2, 0, 9, 4], shape: [2, 3]).argmax().tokens() == [0, 1])
  }

  @Test func theAffineMap() throws {
    let x = try Tensor([1, -2], shape: [1, 2])
    let weight = try Tensor([1, 2, 3, 4], shape: [2, 2])
    let bias = try Tensor([10, 20], shape: [2])
    #expect(try x.affine(weight, bias).floats() == [7, 15])
    #expect(try x.affine(weight, bias, reading: .rectified).floats() == [11, 23])
    #expect(try x.affine(weight, bias, around: Tensor([1, 1], shape: [1, 2])).floats() == [8, 16])
  }

  @Test func attentionOfOneQueryToEqualKeysIsTheMeanOfTheValues() throws {
    let query = try Tensor([1, 1], shape: [1, 1, 2])
    let seen = try Tensor([0, 0, 1, 2, 0, 0, 3, 4], shape: [1, 2, 4])
    #expect(try query.attention(to: seen, heads: 1).floats() == [2, 3])
    #expect(try query.attention(to: seen, heads: 1, causal: true).floats() == [2, 3])
  }

  @Test func wrongShapesAreErrors() {
    #expect(throws: TorchError.self) { try Tensor([1, 2, 3], shape: [2, 2]) }
    #expect(throws: TorchError.self) { try Tensor([1], shape: [-1, -1]) }
    #expect(throws: TorchError.self) { try tensor(2, 3).affine(tensor(4, 5), tensor(4)) }
    #expect(throws: TorchError.self) { try tensor(2, 3).affine(tensor(4, 3), tensor(4), around: tensor(2, 3)) }
    #expect(throws: TorchError.self) { try tensor(1, 2, 4).attention(to: tensor(1, 2, 4), heads: 2) }
    #expect(throws: TorchError.self) { try tensor(1, 2, 4).attention(to: tensor(1, 2, 8), heads: 3) }
    #expect(throws: TorchError.self) { try tensor(1, 3, 4).attention(to: tensor(1, 2, 8), heads: 2, causal: true) }
    #expect(throws: TorchError.self) { try tensor(1, 2, 4).pointerScores(to: tensor(2, 2, 4)) }
    #expect(throws: TorchError.self) { try tensor(2, 3).reshaped([4, 4]) }
    #expect(throws: TorchError.self) { try tensor(2, 3).narrowed(1, 2..<9) }
    #expect(throws: TorchError.self) { try tensor(2).backward() }
  }

  @Test func tokensOutsideTheVocabularyAreErrors() {
    #expect(throws: TorchError.self) { try tensor(3, 2).embedding(of: Tensor(tokens: [3], shape: [1])) }
    #expect(throws: TorchError.self) { try tensor(3, 2).embedding(of: Tensor(tokens: [-1], shape: [1])) }
    #expect(throws: TorchError.self) {
      try tensor(1, 1, 4).mixed(
        pointer: tensor(1, 1, 1), mix: tensor(1, 1, 2), candidates: Tensor(tokens: [4], shape: [1, 1, 1]))
    }
    #expect(throws: TorchError.self) {
      try tensor(1, 4).negativeLogLikelihood(of: Tensor(tokens: [4], shape: [1]), weights: Tensor([1], shape: [1]))
    }
  }
}

struct OptimiserTests {
  private func parameters(_ values: [Float]) throws -> Parameters {
    var layout = ParameterLayout()
    _ = layout.add("p", [values.count], .constant(0))
    return try Parameters(layout, start: values, device: .cpu)
  }

  /// The first step of Adam is the learning rate in the gradient's direction, whatever its size.
  @Test func theFirstStep() throws {
    let p = try parameters([1, 1, 1])
    var optimiser = try Optimiser(Optimiser.Averages(of: [1, 1, 1]), device: .cpu)
    try optimiser.apply([0.5, -0.25, 0], to: p, rate: 0.1, clip: 100, averaging: 0.5)
    let values = try p.readValues { Array($0) }
    for (value, expected) in zip(values, [0.9, 1.1, 1] as [Float]) { #expect(abs(value - expected) < 1e-5) }
    #expect(optimiser.step == 1)
    let average = try optimiser.averages().polyak
    for (value, expected) in zip(average, [0.95, 1.05, 1] as [Float]) { #expect(abs(value - expected) < 1e-5) }
  }

  @Test func longGradientsAreClipped() throws {
    let p = try parameters([0, 0])
    var optimiser = try Optimiser(Optimiser.Averages(of: [0, 0]), device: .cpu)
    try optimiser.apply([300, 400], to: p, rate: 0.1, clip: 1, averaging: 1)
    let first = try optimiser.averages().first
    #expect(abs(first[0] - 0.06) < 1e-6 && abs(first[1] - 0.08) < 1e-6)
  }

  /// Of a matrix of a hidden layer, whatever the gradient's size, the step is nearly orthogonal and of 0.4 rates a number;
  /// the other matrix above it and what is no matrix know nothing of it.
  @Test(arguments: [1, 100] as [Float]) func stepsOfMatricesAreOrthogonal(_ size: Float) throws {
    var layout = ParameterLayout()
    _ = layout.add("bias", [3], .constant(0))
    _ = layout.add("two", [8, 6], .constant(0), hidden: 2)
    _ = layout.add("scale", [2], .constant(0))
    let p = try Parameters(layout, device: .cpu)
    var optimiser = try Optimiser(Optimiser.Averages(of: [Float](repeating: 0, count: layout.count)), device: .cpu)
    var gradient = [Float](repeating: 0, count: layout.count)
    for index in 0..<24 { gradient[3 + index] = Float(index * index % 7 - 3) * size }
    gradient[layout.count - 1] = size
    try optimiser.apply(gradient, to: p, rate: 0.1, clip: 1e9, averaging: 1)
    let values = try p.readValues { Array($0) }
    #expect(values[..<3] == [0, 0, 0] && values[27..<51].allSatisfy { $0 == 0 } && values[51] == 0)
    #expect(abs(values[52] + 0.1) < 1e-5)
    let rows = (0..<4).map { row in (0..<6).map { -values[3 + row * 6 + $0] / (0.04 * Float(6).squareRoot()) } }
    for (i, row) in rows.enumerated() {
      for (j, other) in rows.enumerated() {
        let product = zip(row, other).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(i == j ? (0.4...1.5).contains(product) : abs(product) < 0.5)
      }
      #expect(zip(row, gradient[(3 + i * 6)...]).reduce(0) { $0 + $1.0 * $1.1 } > 0)
    }
  }

  @Test func aGradientOfAnotherModelIsAnError() throws {
    let p = try parameters([0, 0])
    var optimiser = try Optimiser(Optimiser.Averages(of: [0, 0]), device: .cpu)
    #expect(throws: TorchError.self) { try optimiser.apply([1], to: p, rate: 0.1, clip: 1, averaging: 1) }
  }
}

struct EngineTests {
  @Test func itNamesTheBLAS() throws {
    let engine = try Engine.start()
    #expect(!engine.description.isEmpty)
    #expect(engine.warning == nil, "scripts/setup installs a BLAS that needs no warning")
  }
}
