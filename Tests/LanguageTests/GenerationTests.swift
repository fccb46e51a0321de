import Foundation
import Randomness
import Testing
import Torch

@testable import Language
@testable import ModelFiles

struct GenerationTests {
  private func decoder(_ family: DecoderConfiguration.Family = .llama) throws -> Decoder {
    Decoder(try Tiny(family).weights())
  }

  private func prompt(_ length: Int, _ seed: UInt64) -> [Int32] {
    var random = CounterGenerator(seed: seed, purpose: .questions)
    return (0..<length).map { _ in Int32.random(in: 0..<40, using: &random) }
  }

  /// More tokens than are read at once, so that a question is read in two parts; two that are alike have the same beginning.
  @Test(arguments: DecoderConfiguration.Family.allCases)
  func aQuestionIsAnsweredAsIfItWereAlone(_ family: DecoderConfiguration.Family) throws {
    let decoder = try decoder(family)
    let prompts = (0..<44).map { prompt(30 + $0 % 29, UInt64($0)) } + [[5]]
    #expect(prompts.reduce(0) { $0 + $1.count } > Decoder.tokensAtOnce / 2)
    let together = try decoder.generate(prompts + prompts, most: 3, stops: [])
    for index in [0, 13, 43, 44, 45, 89] {
      let alone = try decoder.generate([prompts[index % 45]], most: 3, stops: [])
      #expect(together[index].tokens == alone[0].tokens)
      #expect(abs(together[index].logProbability - alone[0].logProbability) < 1e-3)
    }
  }

  @Test(arguments: DecoderConfiguration.Family.allCases, devices)
  func whatAllBeginWithIsReadOnce(_ family: DecoderConfiguration.Family, _ device: Device) throws {
    let decoder = Decoder(try Tiny(family).weights(on: device))
    let prompts = (0..<3).map { prompt(20, 1) + prompt(2 + $0, 2 + UInt64($0)) } + [prompt(20, 1)]
    let together = try decoder.generate(prompts, most: 4, stops: [])
    for (prompt, generation) in zip(prompts, together) {
      let alone = try decoder.generate([prompt], most: 4, stops: [])[0]
      #expect(generation.tokens == alone.tokens)
      #expect(abs(generation.logProbability - alone.logProbability) < 1e-3)
    }
  }

  @Test func whatIsSaidIsAsLikelyAsItWasWhenItWasSaid() throws {
    let decoder = try decoder()
    let prompts = [prompt(5, 1), prompt(9, 2)]
    let said = try decoder.generate(prompts, most: 6, stops: [])
    let exchanges = zip(prompts, said).map { Exchange(prompt: $0, answer: $1.tokens) }
    let likelihoods = try decoder.logProbabilities(of: exchanges, nil)
    for (a, b) in zip(likelihoods.flatMap(\.self), said.flatMap(\.logProbabilities)) { #expect(abs(a - b) < 1e-4) }
  }

  @Test func itStops() throws {
    let decoder = try decoder()
    let asked = prompt(5, 3)
    let tokens = try decoder.generate([asked], most: 6, stops: [])[0].tokens
    let place = try #require(tokens.indices.dropFirst().first { !tokens[..<$0].contains(tokens[$0]) })
    let stopped = try decoder.generate([asked, prompt(8, 4)], most: 6, stops: [tokens[place]])[0]
    #expect(stopped.tokens == Array(tokens[..<place]))
    #expect(stopped.end == .stopped && stopped.logProbabilities.count == place + 1)
    #expect(try decoder.generate([asked], most: 0, stops: []) == [Generation()])
    #expect(try decoder.generate([], most: 3, stops: []).isEmpty)
  }

  @Test func theWindowEndsAnAnswer() throws {
    let decoder = try decoder()
    let full = try decoder.generate([prompt(62, 1), prompt(4, 2)], most: 10, stops: [])
    #expect(full[0].end == .window && full[0].tokens.count == 3)
    #expect(full[1].end == .length && full[1].tokens.count == 10)
    #expect(try decoder.generate([prompt(64, 1)], most: 1, stops: [])[0].end == .length)
  }

  @Test func drawsFollowTheirGenerators() throws {
    let decoder = try decoder()
    func draw(_ count: Int, _ temperature: Double, seed: UInt64) throws -> [Generation] {
      let generators = (0..<count).map { CounterGenerator(seed: seed, purpose: .questions, index: $0) }
      return try decoder.generate(
        [[Int32]](repeating: [3, 5], count: count), most: 1, stops: [],
        sampling: .drawn(temperature: temperature, generators))
    }
    let many = try draw(900, 1, seed: 1)
    #expect(try draw(900, 1, seed: 1) == many)
    #expect(try draw(900, 1, seed: 2) != many)
    // Five deviations of a share of 900 draws.
    var counts: [Int32: Int] = [:]
    for generation in many { counts[generation.tokens[0], default: 0] += 1 }
    let likelihoods = try decoder.logProbabilities(of: (0..<40).map { Exchange(prompt: [3, 5], answer: [$0]) }, nil)
    for token in Int32(0)..<40 {
      let expected = exp(Double(likelihoods[Int(token)][0]))
      #expect(abs(Double(counts[token] ?? 0) / 900 - expected) < 0.08)
    }
    let cold = try draw(20, 0.01, seed: 3)
    let greedy = try decoder.generate([[3, 5]], most: 1, stops: [])[0]
    #expect(cold.allSatisfy { $0.tokens == greedy.tokens })
  }

  @Test func whatCanNotBeAskedIsASentence() throws {
    let decoder = try decoder()
    func sentence(_ body: () throws -> Void) -> String {
      (#expect(throws: PromptError.self) { try body() })?.description ?? ""
    }
    #expect(
      sentence { _ = try decoder.generate([[1], []], most: 3, stops: []) }
        == "a question has no tokens, and at least one is needed")
    #expect(
      sentence { _ = try decoder.generate([prompt(65, 1)], most: 3, stops: []) }
        == "a question of 65 tokens is longer than the window of 64")
    #expect(
      sentence { _ = try decoder.logProbabilities(of: [Exchange(prompt: prompt(62, 1), answer: [1, 2, 3, 4])], nil) }
        == "a question of 62 tokens with an answer of 4 is longer than the window of 64")
    #expect(throws: TorchError.self) { try decoder.generate([[40]], most: 1, stops: []) }
    #expect(throws: TorchError.self) { try decoder.generate([[-1]], most: 1, stops: []) }
    #expect(throws: TorchError.self) { try decoder.logProbabilities(of: [Exchange(prompt: [1], answer: [40])], nil) }
  }
}
