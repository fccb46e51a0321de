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

struct AdamTests {
  private func parameters(_ values: [Float]) throws -> Parameters {
    var layout = ParameterLayout()
    _ = layout.add("p", [values.count], .constant(0))
    return try Parameters(layout, start: values, device: .cpu)
  }

  /// The first step of Adam is the learning rate in the gradient's direction, whatever its size.
  @Test func theFirstStep() throws {
    let p = try parameters([1, 1, 1])
    var adam = try Adam(Adam.Averages(of: [1, 1, 1]), device: .cpu)
    try adam.apply([0.5, -0.25, 0], to: p, rate: 0.1, clip: 100, averaging: 0.5)
    let values = try p.readValues { Array($0) }
    for (value, expected) in zip(values, [0.9, 1.1, 1] as [Float]) { #expect(abs(value - expected) < 1e-5) }
    #expect(adam.step == 1)
    let average = try adam.averages().polyak
    for (value, expected) in zip(average, [0.95, 1.05, 1] as [Float]) { #expect(abs(value - expected) < 1e-5) }
  }

  @Test func longGradientsAreClipped() throws {
    let p = try parameters([0, 0])
    var adam = try Adam(Adam.Averages(of: [0, 0]), device: .cpu)
    try adam.apply([300, 400], to: p, rate: 0.1, clip: 1, averaging: 1)
    let first = try adam.averages().first
    #expect(abs(first[0] - 0.06) < 1e-6 && abs(first[1] - 0.08) < 1e-6)
  }

  @Test func aGradientOfAnotherModelIsAnError() throws {
    let p = try parameters([0, 0])
    var adam = try Adam(Adam.Averages(of: [0, 0]), device: .cpu)
    #expect(throws: TorchError.self) { try adam.apply([1], to: p, rate: 0.1, clip: 1, averaging: 1) }
  }
}

struct EngineTests {
  @Test func itNamesTheBLAS() throws {
    let engine = try Engine.start()
    #expect(!engine.description.isEmpty)
    #expect(engine.warning == nil, "scripts/setup installs a BLAS that needs no warning")
  }
}
