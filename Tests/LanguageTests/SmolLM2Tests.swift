import Foundation
import ModelFiles
import Testing
import Torch

@testable import Language

private let path = ProcessInfo.processInfo.environment["GROVE_SMOLLM2"]

/// SmolLM2-135M-Instruct, whose 98 MB are no part of the project: `GROVE_SMOLLM2` says where the file is. What is expected is
/// of a forward pass in PyTorch on the same numbers, which Hugging Face's implementation agrees with to 5e-5.
@Suite(.enabled(if: path != nil), .serialized) struct SmolLM2Tests {
  private static func weights(_ type: NumberType = .float32) throws -> DecoderWeights {
    try Engine.start()
    return try DecoderWeights(ModelFiles(path ?? ""), type, positions: 512, device: .cpu)
  }

  /// ‘The capital of Italy is Rome and the capital of France is’, and ‘3+4=7\n8+7=’.
  @Test(
    arguments: [
      (
        [504, 3575, 282, 7158, 314, 7268, 284, 260, 3575, 282, 4649, 314],
        [(7042, 17.0466), (4649, 14.2153), (450, 11.3561), (260, 11.3234), (4528, 10.6349)]
      ),
      (
        [35, 27, 36, 45, 39, 198, 40, 27, 39, 45],
        [(33, 36.9916), (41, 34.1344), (40, 33.8806), (34, 33.2387), (39, 32.7197)]
      ),
    ] as [([Int32], [(Int, Float)])])
  func logits(_ tokens: [Int32], _ likeliest: [(Int, Float)]) throws {
    let decoder = Decoder(try Self.weights())
    let packing = try Packing([Packing.Run(count: tokens.count)], device: .cpu)
    let hidden = try withoutGradients { try decoder(tokens, packing, nil) }
    let logits = try hidden.narrowed(0, tokens.count - 1..<tokens.count).logits(of: decoder.weights.words).floats()
    let order = logits.indices.sorted { logits[$0] > logits[$1] }
    #expect(order.prefix(5).elementsEqual(likeliest.map(\.0)))
    for (word, logit) in likeliest { #expect(abs(logits[word] - logit) < 1e-3) }
  }

  @Test func theTrainingVector() throws {
    let weights = try Self.weights()
    let adapter = LowRankAdapter(.init(rank: 8, alpha: 16), for: weights.configuration)
    let start = adapter.layout.entries.flatMap { entry -> [Float] in
      guard entry.name.contains("lora_A") else { return [Float](repeating: 0, count: entry.range.count) }
      return (0..<entry.range.count).map { place in
        let (row, column) = place.quotientAndRemainder(dividingBy: entry.shape[1])
        return Float((7 * row + 3 * column) % 11 - 5) / 100
      }
    }
    let p = try Parameters(adapter.layout, start: start, device: .cpu)
    let decoder = Decoder(weights, adapter)
    // <|endoftext|>347+289= and 636\n
    let exchange = Exchange(prompt: [0, 35, 36, 39, 27, 34, 40, 41, 45], answer: [38, 35, 38, 198])
    let likelihoods = try decoder.logProbabilities(of: [exchange], p)[0]
    for (own, known) in zip(likelihoods, [-3.2286, -2.4446, -2.6968, -2.0027] as [Float]) {
      #expect(abs(own - known) < 1e-4)
    }

    let (loss, gradient) = try decoder.gradient(of: [exchange], total: 4, p)
    #expect(abs(loss - 2.59316) < 1e-4)
    let numbers = try gradient.numbers()
    func norm(_ chosen: (String) -> Bool) -> Double {
      adapter.layout.entries.filter { chosen($0.name) }.flatMap { numbers[$0.range] }
        .reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    let known: [(String, Double)] = [
      ("0.self_attn.q_proj", 0.01544), ("0.self_attn.k_proj", 0.00989), ("0.self_attn.v_proj", 0.34688),
      ("0.mlp.down_proj", 0.46161), ("29.self_attn.o_proj", 0.08429), ("29.mlp.up_proj", 0.45223),
    ]
    for (name, value) in known {
      #expect(abs(norm { $0 == "model.layers.\(name).lora_B.weight" } - value) < 1e-4, "\(name)")
    }
    #expect(abs(norm { $0.contains("lora_B") } - 3.11276) < 1e-4)
    #expect(norm { $0.contains("lora_A") } == 0)
  }

  /// The first of them in 32-bit floats; in bfloat16 it may be another's turn.
  @Test(arguments: NumberType.allCases) func itAnswers(_ type: NumberType) throws {
    let decoder = Decoder(try Self.weights(type))
    let said = try decoder.generate(
      [[504, 3575, 282, 7158, 314, 7268, 284, 260, 3575, 282, 4649, 314], [35, 27, 36, 45, 39, 198, 40, 27, 39, 45]],
      most: 4, stops: [198])
    #expect(said[0].tokens.first == 7042)
    #expect(said[1].tokens.first == 33)
  }
}
