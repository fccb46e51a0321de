import Foundation
import ModelFiles
import Reference
import Testing
import Torch

@testable import Language

/// What others make of an adapter that Grove wrote: they load it, and say with it what Grove says with it.
@Suite(.serialized) struct AdapterReadersTests {
  private let scratch: ScratchFolder

  init() throws {
    try Engine.start()
    scratch = try ScratchFolder()
  }

  /// A model's decoder with an adapter of small numbers that follow from their names.
  private func adapted(_ files: ModelFiles, factor: Float) throws -> (Decoder, Parameters, AdapterFolder) {
    let adapter = LowRankAdapter(.init(rank: 4, alpha: 6), for: files.configuration)
    let values = adapter.layout.entries.flatMap { entry in
      Vectors.filled(entry.name, entry.shape).map { factor * $0 }
    }
    let weights = try DecoderWeights(files, .float32, positions: 64, device: .cpu)
    let p = try Parameters(adapter.layout, start: values, areTrained: false, device: .cpu)
    return (Decoder(weights, adapter), p, try AdapterFolder(adapter, values))
  }

  private func read<Result: Decodable>(_ type: Result.Type, _ name: String) throws -> Result {
    try JSONDecoder().decode(type, from: Data(contentsOf: URL(filePath: "\(scratch.path)/\(name)")))
  }

  @Test func peftSaysTheSame() async throws {
    let (model, folder, out) = ("\(scratch.path)/model", "\(scratch.path)/adapter", "\(scratch.path)/peft.json")
    try TinyLanguageModel().write(to: model)
    let (decoder, p, adapter) = try adapted(ModelFiles(model), factor: 0.2)
    try adapter.write(to: folder, base: model)
    let exchange = Exchange(prompt: [9, 4, 11, 5, 10, 12], answer: [2, 4, 3, 13])
    try await Reference.run(
      "LanguageTests/Readers/peft_reads.py",
      [model, folder] + [exchange.prompt, exchange.answer].map { $0.map(String.init).joined(separator: ",") } + [out],
      .peft)
    let said = try read([[Float]].self, "peft.json")
    let plain = try Decoder(decoder.weights).logProbabilities(of: [exchange], nil)[0]
    let own = try decoder.logProbabilities(of: [exchange], p)[0]
    expectClose(said[0], plain, within: 1e-4)
    expectClose(said[1], own, within: 1e-4)
    #expect(zip(own, plain).contains { abs($0 - $1) > 0.1 }, "the adapter changes nothing: \(own)")
  }

  /// llama.cpp multiplies with numbers of 8 bits, so that it says about the same.
  @Test func llamaCppSaysAboutTheSame() async throws {
    let (model, file, out) = (try Reference.smolLM2, "\(scratch.path)/adapter.gguf", "\(scratch.path)/llama.json")
    let files = try ModelFiles(model)
    let (decoder, p, adapter) = try adapted(files, factor: 0.5)
    try adapter.gguf(for: files.configuration).write(to: URL(filePath: file))
    // ‘The capital of Italy is Rome and the capital of France is’
    let tokens: [Int32] = [504, 3575, 282, 7158, 314, 7268, 284, 260, 3575, 282, 4649, 314]
    try await Reference.run(
      "LanguageTests/Readers/llama_cpp_reads.py", [model, file, tokens.map(String.init).joined(separator: ","), out])
    let said = try read([[String: Float]].self, "llama.json")
    func own(_ decoder: Decoder, _ p: Parameters?) throws -> [String: Float] {
      let likeliest = said.flatMap(\.keys).compactMap(Int32.init)
      let logP = try decoder.logProbabilities(of: likeliest.map { Exchange(prompt: tokens, answer: [$0]) }, p)
      return Dictionary(zip(likeliest, logP).map { ("\($0)", $1[0]) }) { first, _ in first }
    }
    let (plain, changed) = (try own(Decoder(decoder.weights), nil), try own(decoder, p))
    for (theirs, ours) in zip(said, [plain, changed]) {
      for (token, logP) in theirs { #expect(abs(logP - (ours[token] ?? 0)) < 0.3, "\(token): \(theirs), \(ours)") }
    }
    #expect(changed.contains { abs($0.value - (plain[$0.key] ?? 0)) > 1 }, "the adapter changes little: \(changed)")
  }
}
