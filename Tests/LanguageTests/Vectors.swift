import Foundation
import SecondDevice
import Testing
import Torch

@testable import Language
@testable import ModelFiles

/// What Hugging Face's implementations make of tiny models, by `Vectors/vectors.py`.
struct Vectors: Decodable {
  struct Family: Decodable {
    var logits, likelihoods: [[Float]]
    var said: [[Int32]]
    var prompted: Prompted
    var full, adapted: Trained
  }
  /// Of each of ``prompts`` what stands behind it.
  struct Prompted: Decodable {
    var logits: [[Float]]
    var said: [[Int32]]
  }
  struct Trained: Decodable {
    var loss: Float
    /// Of each parameter the norm, the second number and the third.
    var gradients: [String: [Float]]
  }

  var sequences: [[Int32]]
  var families: [String: Family]

  static let all: Vectors = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/vectors.json")
    guard let data = try? Data(contentsOf: file), let all = try? JSONDecoder().decode(Vectors.self, from: data) else {
      return Vectors(sequences: [], families: [:])
    }
    return all
  }()

  /// Fifty of 1 to 40 tokens: the same formula as the script's.
  static let prompts: [[Int32]] = (0..<50).map { (k: Int) -> [Int32] in
    let length = 1 + 7 * k % 40
    return (0..<length).map { (i: Int) -> Int32 in
      let place = 13 * i * i + 5 * i * k + 3 * k
      return Int32(place % 40)
    }
  }

  /// The last three tokens are said, the others asked.
  var exchanges: [Exchange] {
    sequences.map { Exchange(prompt: Array($0.dropLast(3)), answer: Array($0.suffix(3))) }
  }

  static func numbers(_ name: String, _ count: Int) -> [Float] {
    let t = name.utf8.enumerated().reduce(0) { ($0 + ($1.offset + 1) * Int($1.element)) } % 2003
    return (0..<count).map { Float((($0 * $0 * 31 + $0 * 7919 + t * 104729) % 2003) - 1001) / 1001 }
  }

  /// The parameter of a name: the same formulas as the script's.
  static func filled(_ name: String, _ shape: [Int]) -> [Float] {
    let factor: Float =
      if name.contains("lora_A") { 0.5 } else if name.contains("lora_B") { 0.2 } else if shape.count == 1 { 0.3 } else {
        name.contains("embed") ? 1 : 1.5 / Float(shape[1]).squareRoot()
      }
    return numbers(name, shape.reduce(1, *)).map { factor * $0 + (name.contains("norm") ? 1 : 0) }
  }
}

/// Whether numbers are near each other, for their size.
func expectClose(
  _ a: [Float], _ b: [Float], within tolerance: Float = 1e-4, at location: SourceLocation = #_sourceLocation
) {
  let apart = zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1) / max(1, abs($1.1))) }
  #expect(a.count == b.count && apart < tolerance, "\(a.count) numbers apart by \(apart)", sourceLocation: location)
}

/// The CPU, a device beside it, and the one that the tests are asked to run on.
let devices =
  [.cpu, Device(name: String(cString: sd_name()))]
  + (ProcessInfo.processInfo.environment["GROVE_TEST_DEVICE"].map { [Device(name: $0)] } ?? [])

/// A tiny model of a family, as the script makes it.
struct Tiny {
  let configuration: DecoderConfiguration
  let vectors: Vectors.Family

  init(_ family: DecoderConfiguration.Family) throws {
    let isGemma = family == .gemma3
    configuration = DecoderConfiguration(
      family: family, layers: 3, width: 32, heads: 4, keyValueHeads: 2, headWidth: 8, feedForward: 48, vocabulary: 40,
      context: 64, normEpsilon: 1e-5, ropeTheta: family == .llama ? 10_000 : 1_000_000, ropeFactor: isGemma ? 8 : 1,
      isWindowed: isGemma ? [true, true, false] : [false, false, false], window: isGemma ? 4 : 0,
      attentionScale: isGemma ? 0.25 : 1 / 8.0.squareRoot(), embeddingScale: isGemma ? 32.0.squareRoot() : 1,
      activation: isGemma ? .gelu : .silu, isTied: family != .llama)
    struct NoVectors: Error {}
    guard let vectors = Vectors.all.families[family.rawValue] else { throw NoVectors() }
    self.vectors = vectors
  }

  func weights(_ type: NumberType = .float32, on device: Device = .cpu) throws -> DecoderWeights {
    try DecoderWeights(configuration, type, device: device) { name, shape, type in
      try Tensor(Vectors.filled(name, shape), shape: shape, device: .cpu).converted(to: type, on: device)
    }
  }

  let adapterConfiguration = LowRankAdapter.Configuration(rank: 4, alpha: 6, targets: .all)

  func adapted(_ type: NumberType = .float32, on device: Device = .cpu) throws -> (Decoder, Parameters) {
    let adapter = LowRankAdapter(adapterConfiguration, for: configuration)
    let p = try Parameters(adapter.layout, start: Self.start(adapter.layout), device: device)
    return (Decoder(try weights(type, on: device), adapter), p)
  }

  static func start(_ layout: ParameterLayout) -> [Float] {
    layout.entries.flatMap { Vectors.filled($0.name, $0.shape) }
  }
}
