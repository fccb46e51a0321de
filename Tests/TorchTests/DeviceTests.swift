import Randomness
import SecondDevice
import Testing
import Torch

private let other = Device(name: String(cString: sd_name()))

/// What every operation of the models comes to on another device than the CPU.
struct DeviceTests {
  /// A function of some parameters, and of what it makes beside them.
  struct Operation: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let shapes: [[Int]]
    let function: @Sendable (Parameters) throws -> Tensor

    init(_ name: String, _ shapes: [[Int]], _ function: @escaping @Sendable (Parameters) throws -> Tensor) {
      (testDescription, self.shapes, self.function) = (name, shapes, function)
    }

    func parameters(on device: Device) throws -> Parameters {
      var layout = ParameterLayout()
      for (index, shape) in shapes.enumerated() { _ = layout.add("p\(index)", shape, .constant(0)) }
      return try Parameters(layout, start: numbers(layout.count, seed: 1), device: device)
    }
  }

  static let operations = [
    Operation("sum", [[2, 3], [2, 3]]) { try $0[0] + $0[1] },
    Operation("affine map", [[2, 3, 5], [4, 5], [4]]) { try $0[0].affine($0[1], $0[2]) },
    Operation("affine map around", [[2, 3, 5], [4, 5], [4], [2, 3, 4]]) {
      try $0[0].affine($0[1], $0[2], reading: .rectified, around: $0[3])
    },
    Operation("affine map of what is normalised", [[3, 20], [4, 20], [4], [20], [20]]) {
      try $0[0].affine($0[1], $0[2], reading: .normalised(scale: $0[3], shift: $0[4]))
    },
    Operation("layer norm", [[3, 6], [6], [6]]) { try $0[0].layerNorm($0[1], $0[2]) },
    Operation("embedding", [[3, 4]]) { try $0[0].embedding(of: $0.tokens([0, 2, 2, 1], shape: [2, 2])) },
    Operation("concatenation", [[3, 4], [2, 4]]) { try Tensor.concatenated([$0[0], $0[1]], along: 0) },
    Operation("reshaped run", [[3, 4]]) { try $0[0].narrowed(1, 1..<3).reshaped([6, 1]) },
    Operation("rows", [[3, 4]]) { try $0[0].rows($0.tokens([2, 0], shape: [2])) },
    Operation("attention", [[2, 3, 8], [2, 4, 16]]) { try $0[0].attention(to: $0[1], heads: 2) },
    Operation("causal attention", [[2, 5, 8], [2, 6, 16]]) { try $0[0].attention(to: $0[1], heads: 2, causal: true) },
    Operation("attention to what matches", [[2, 3, 8], [2, 4, 16], [2, 4]]) { p in
      let a = try p.tokens([1, 2, 3, 0, 2, 2, 0, 1, 4, 4, 1, 3], shape: [2, 3, 2])
      let b = try p.tokens([2, 1, 0, 3, 3, 3, 4, 4, 1, 2, 3, 0, 0, 1, 1, 4], shape: [2, 4, 2])
      return try p[0].attention(to: p[1], heads: 2, extra: a.matches(b).matchScores(p[2]))
    },
    Operation("pointer scores", [[2, 3, 5], [2, 4, 5]]) { try $0[0].pointerScores(to: $0[1]) },
    Operation("copy mixture", [[2, 3, 5], [2, 3, 3], [2, 3, 3]]) {
      try $0[0].mixed(pointer: $0[1], mix: $0[2], candidates: candidates($0))
    },
    Operation("causal copy mixture", [[2, 3, 5], [2, 3, 3], [2, 3, 3]]) {
      try $0[0].mixed(pointer: $0[1], mix: $0[2], candidates: candidates($0), causal: true)
    },
    Operation("linear map with a low-rank one", [[3, 5], [4, 5], [4], [2, 5], [4, 2], [3, 4]]) {
      try $0[0].linear($0[1], $0[2], Tensor.LowRank(down: $0[3], up: $0[4], scale: 1.5), around: $0[5])
    },
    Operation("RMS norm", [[3, 20], [20]]) { try $0[0].rmsNorm($0[1], epsilon: 1e-5) },
    Operation("SiLU gate", [[3, 7], [3, 7]]) { try $0[0].gating($0[1], .silu) },
    Operation("GELU gate", [[3, 7], [3, 7]]) { try $0[0].gating($0[1], .gelu) },
    Operation("rotary attention", [[7, 8], [7, 4], [7, 4]]) { try rotaryAttention($0, window: 0) },
    Operation("rotary attention in a window", [[7, 8], [7, 4], [7, 4]]) { try rotaryAttention($0, window: 2) },
    Operation("log-likelihoods", [[3, 4], [6, 4]]) {
      try $0[0].logLikelihoods(of: $0.tokens([2, 0, 5], shape: [3]), among: $0[1])
    },
    Operation("negative log-likelihood", [[2, 5]]) {
      try $0[0].negativeLogLikelihood(of: $0.tokens([4, 1], shape: [2]), weights: $0.numbers([1, 0.5], shape: [2]))
    },
    Operation("chosen log-probabilities", [[2, 5]]) { try $0[0].chosen($0.tokens([4, 1], shape: [2])) },
  ]

  private static func rotaryAttention(_ p: Parameters, window: Int) throws -> Tensor {
    let packing = try Packing([2, 1, 4].map { Packing.Run(count: $0) }, device: p.device)
    return try p[0].rotaryAttention(
      to: p[1], p[2], Tensor.Heads(queries: 2, keys: 1, scale: 0.7, window: window), in: packing,
      angles: p.numbers((0..<16).map { Float($0 % 7) * 0.3 - 1 }, shape: [4, 4]))
  }

  private static func candidates(_ p: Parameters) throws -> Tensor {
    try p.tokens([0, 1, 2, 3, 1, 1, 4, 0, 2, 2, 3, 4], shape: [2, 3, 2])
  }

  /// Its numbers, and the gradient of a sum of them, each with a weight of its own.
  private static func result(_ operation: Operation, on device: Device) throws -> (values: [Float], gradient: [Float]) {
    let p = try operation.parameters(on: device)
    let values = try withoutGradients { try operation.function(p).floats() }
    let gradient = try p.gradient {
      let rows = try operation.function(p).reshaped([values.count, 1])
      try rows.negativeLogLikelihood(
        of: p.tokens([Int32](repeating: 0, count: values.count), shape: [values.count]),
        weights: p.numbers(numbers(values.count, seed: 2), shape: [values.count])
      ).backward()
    }
    return (values, try gradient.numbers())
  }

  @Test(arguments: operations) func itComesToTheSameAsOnTheCPU(_ operation: Operation) throws {
    let (here, there) = (try Self.result(operation, on: .cpu), try Self.result(operation, on: other))
    expectClose(there.values, here.values)
    expectClose(there.gradient, here.gradient)
  }

  @Test func whatChangesATensorDoesSoThere() throws {
    let cache = try Tensor(zeros: [1, 3, 2], device: other)
    try cache.write(Tensor([1, 2], shape: [1, 1, 2], device: other), at: 1)
    #expect(try cache.floats() == [0, 0, 1, 2, 0, 0])
    #expect(try cache.argmax().tokens() == [0, 1, 0])
  }

  /// `hpu` is a kind that no libtorch of ours was built with.
  @Test(arguments: [
    ("hpu", "can't compute on hpu: it was built without"),
    ("privateuseone:7", "there is no privateuseone:7 here: libtorch finds 1 device of that kind"),
  ])
  func aDeviceThatIsNotThereIsRefused(_ name: String, _ sentence: String) {
    let device = Device(name: name)
    for said in [
      #expect(throws: TorchError.self) { try Tensor(zeros: [1], device: device) },
      #expect(throws: TorchError.self) { try Tensor([1], shape: [1], device: device) },
      #expect(throws: TorchError.self) { try Tensor(tokens: [1], shape: [1], device: device) },
    ] {
      #expect(said?.reason.contains(sentence) == true, "\(String(describing: said))")
    }
  }

  /// Memory of another device can't be read, and what mixes the two would.
  @Test func tensorsOfTwoDevicesAreRefusedByName() throws {
    func here(_ shape: Int...) throws -> Tensor { try Tensor(zeros: shape, device: .cpu) }
    func there(_ shape: Int...) throws -> Tensor { try Tensor(zeros: shape, device: other) }
    func tokens(_ shape: Int...) throws -> Tensor {
      try Tensor(tokens: [Int32](repeating: 0, count: shape.reduce(1, *)), shape: shape, device: other)
    }
    func expectRefusal(_ name: String, of body: () throws -> Void) {
      let said = #expect(throws: TorchError.self, performing: body).map { "\($0)" } ?? ""
      #expect(said.contains(name) && said.contains("on cpu and privateuseone:0"), "\(said)")
    }
    expectRefusal("affine map") { _ = try here(2, 3).affine(there(4, 3), there(4)) }
    expectRefusal("affine map") { _ = try here(2, 3).affine(here(4, 3), here(4), around: there(2, 4)) }
    expectRefusal("attention") { _ = try here(1, 2, 4).attention(to: there(1, 2, 8), heads: 2) }
    expectRefusal("pointer scores") { _ = try here(1, 2, 4).pointerScores(to: there(1, 2, 4)) }
    expectRefusal("matches") {
      _ = try Tensor(tokens: [1], shape: [1, 1, 1], device: .cpu).matches(tokens(1, 1, 1))
    }
    expectRefusal("copy mixture") {
      _ = try here(1, 1, 4).mixed(pointer: here(1, 1, 1), mix: here(1, 1, 2), candidates: tokens(1, 1, 1))
    }
    expectRefusal("write") { try here(1, 3, 2).write(there(1, 1, 2), at: 0) }
    #expect(throws: TorchError.self) { _ = try here(3, 2).embedding(of: tokens(2)) }
    #expect(throws: TorchError.self) { _ = try here(3, 2) + there(3, 2) }
  }
}

/// Training on another device than the CPU.
struct DeviceOptimiserTests {
  private static func parameters(_ start: [Float], on device: Device) throws -> Parameters {
    var layout = ParameterLayout()
    let matrices = start.count / 30 * 24
    if matrices > 0 { _ = layout.add("m", [matrices / 6, 6], .constant(0), hidden: 2) }
    _ = layout.add("p", [start.count - matrices], .constant(0))
    return try Parameters(layout, start: start, device: device)
  }

  /// Gradients that are clipped, and such as are not.
  @Test(arguments: [0.01, 1, 100] as [Float]) func stepsAreThoseOfTheCPU(_ size: Float) throws {
    let start = numbers(100, seed: 3)
    let pairs = try [Device.cpu, other].map { device in
      (try Self.parameters(start, on: device), try Optimiser(Optimiser.Averages(of: start), device: device))
    }
    let results = try pairs.map { p, fresh in
      var optimiser = fresh
      for step in 1...20 {
        let gradient = numbers(100, seed: UInt64(10 + step)).map { $0 * size }
        try optimiser.apply(gradient, to: p, rate: 0.01, clip: 1, averaging: 1 / Float(step))
      }
      return (try p.readValues { Array($0) }, try optimiser.averages())
    }
    expectClose(results[1].0, results[0].0)
    expectClose(results[1].1.first, results[0].1.first)
    expectClose(results[1].1.second, results[0].1.second)
    expectClose(results[1].1.polyak, results[0].1.polyak)
  }

  @Test func aStepTakesTheGradientThereAndNothingElse() throws {
    let p = try Self.parameters(numbers(100, seed: 3), on: other)
    var optimiser = try Optimiser(Optimiser.Averages(of: numbers(100, seed: 3)), device: other)
    try expectCopies(to: 100, from: 0) {
      try optimiser.apply(numbers(100, seed: 4), to: p, rate: 0.01, clip: 1, averaging: 0.5)
    }
  }

  @Test func sumsOfGradientsAreMadeThere() throws {
    func gradient(_ p: Parameters, _ weight: Float) throws -> Gradient {
      try p.gradient {
        try p[0].reshaped([3, 1])
          .negativeLogLikelihood(
            of: p.tokens([0, 0, 0], shape: [3]), weights: p.numbers([weight, 2 * weight, 0], shape: [3])
          ).backward()
      }
    }
    let p = try Self.parameters([1, 2, 3], on: other)
    var (sum, more) = (try gradient(p, 1), try gradient(p, 10))
    try expectCopies(to: 0, from: 0) { try sum.add(more) }
    try more.add(more)
    let read = try expectCopies(to: 0, from: 3) { try sum.numbers() }
    #expect(read == [-11, -22, 0])
    #expect(try more.numbers() == [-20, -40, 0])
  }

  @Test func readingWritesNothingBack() throws {
    let p = try Self.parameters([1, 2, 3], on: other)
    let read = try expectCopies(to: 0, from: 3) { try p.readValues { Array($0) } }
    #expect(read == [1, 2, 3])
    try expectCopies(to: 3, from: 0) { try p.setValues([4, 5, 6]) }
    try expectCopies(to: 3, from: 3) { try p.withValues { $0[1] = 7 } }
    #expect(try p[0].floats() == [4, 7, 6])
    #expect(throws: TorchError.self) { try p.setValues([1]) }
  }
}

/// Some numbers that are neither small nor all of a sign.
private func numbers(_ count: Int, seed: UInt64) -> [Float] {
  var random = CounterGenerator(seed: seed, purpose: .contexts)
  return (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
}

private func expectClose(_ a: [Float], _ b: [Float], at location: SourceLocation = #_sourceLocation) {
  #expect(a.count == b.count && !a.isEmpty, sourceLocation: location)
  for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-5 * max(1, abs(y)), "\(x), \(y)", sourceLocation: location) }
}

/// Numbers that `body` copies to the other device and from it.
@discardableResult
private func expectCopies<Result>(
  to: Int, from: Int, at location: SourceLocation = #_sourceLocation, by body: () throws -> Result
) throws -> Result {
  var copied = (to: 0, from: 0)
  sd_copied(&copied.to, &copied.from)
  let result = try body()
  sd_copied(&copied.to, &copied.from)
  #expect(copied == (to, from), sourceLocation: location)
  return result
}
