import Randomness
import Torch

extension Decoder {
  /// Answers to questions, all in one go: what has ended is computed no further.
  ///
  /// The numbers of a question depend in their last bits on how many are asked with it, as those of matrix products do: who
  /// needs the same bits asks the same questions together.
  ///
  /// - Parameters:
  ///   - prompts: questions in tokens, at least one in each.
  ///   - most: tokens of an answer.
  ///   - stops: tokens of which each ends an answer.
  ///   - p: of the adapter; nil if there is none.
  /// - Throws: ``PromptError`` if a question is empty or longer than the window.
  public func generate(
    _ prompts: [[Int32]], most: Int, stops: Set<Int32>, sampling: Sampling = .greedy, _ p: Parameters? = nil
  ) throws -> [Generation] {
    for prompt in prompts { try check(prompt, with: 0) }
    if case .drawn(_, let generators) = sampling, generators.count != prompts.count {
      throw PromptError(description: "\(generators.count) random generators for \(prompts.count) questions")
    }
    guard most > 0 else { return prompts.map { _ in Generation() } }
    return try withoutGradients {
      var generations: [Generation] = []
      while generations.count < prompts.count {
        let start = generations.count
        let end = start + fitting(prompts[start...], most: most)
        var group = try GenerationGroup(
          self, Array(prompts[start..<end]), most: most, stops, sampling.part(start..<end), p)
        generations += try group.run()
      }
      return generations
    }
  }

  /// How many of these questions are answered together: few enough for a cache that a machine has room for.
  private func fitting(_ prompts: ArraySlice<[Int32]>, most: Int) -> Int {
    let room = GenerationGroup.cachedNumbers / KeyValueCache.numbers(aTokenOf: weights)
    var (count, longest) = (0, 0)
    for prompt in prompts.prefix(GenerationGroup.most) {
      longest = max(longest, min(prompt.count + most, weights.positions))
      guard count == 0 || (count + 1) * longest <= room else { break }
      count += 1
    }
    return count
  }
}

extension Sampling {
  fileprivate func part(_ run: Range<Int>) -> Sampling {
    guard case .drawn(let temperature, let generators) = self else { return self }
    return .drawn(temperature: temperature, Array(generators[run]))
  }
}

/// Questions that are answered together.
private struct GenerationGroup {
  /// Questions; more are no quicker, since by then it is the products that take the time.
  static let most = 128
  /// Numbers in a cache: half a gigabyte of 32-bit floats.
  static let cachedNumbers = 1 << 27
  /// Tokens that all questions begin with and that are worth copying.
  private static let sharingPays = 16

  private let decoder: Decoder
  private let parameters: Parameters?
  private let prompts: [[Int32]]
  private let most: Int
  private let stops: Set<Int32>
  private var sampling: Sampling
  private let cache: KeyValueCache
  private var generations: [Generation]

  init(
    _ decoder: Decoder, _ prompts: [[Int32]], most: Int, _ stops: Set<Int32>, _ sampling: Sampling, _ p: Parameters?
  ) throws {
    (self.decoder, self.prompts, self.most, self.stops, self.sampling) = (decoder, prompts, most, stops, sampling)
    parameters = p
    generations = prompts.map { _ in Generation() }
    // The last token is said and not read.
    let longest = (prompts.map(\.count).max() ?? 0) + most - 1
    cache = try KeyValueCache(
      slots: prompts.count, length: min(longest, decoder.weights.positions), for: decoder.weights)
  }

  mutating func run() throws -> [Generation] {
    var hidden = try read()
    var active = Array(prompts.indices)
    while true {
      let said = try choose(hidden, active)
      active = active.filter { generations[$0].end == .length && generations[$0].tokens.count < most }
      guard !active.isEmpty else { return generations }
      let runs = active.map { slot in
        Packing.Run(count: 1, past: prompts[slot].count + generations[slot].tokens.count - 1, slot: slot)
      }
      hidden = try decoder(active.compactMap { said[$0] }, Packing(runs, device: device), cache: cache, parameters)
    }
  }

  private var device: Device { decoder.weights.device }

  /// Reads all questions; what the model makes of the last token of each, [questions, width].
  private func read() throws -> Tensor {
    let shared = sharedTokens
    if shared > 0 {
      let packing = try Packing([Packing.Run(count: shared)], device: device)
      _ = try decoder(Array(prompts[0].prefix(shared)), packing, cache: cache, parameters)
      try cache.share(shared, among: prompts.count)
    }
    var ends: [Tensor] = []
    var (runs, tokens): ([Packing.Run], [Int32]) = ([], [])
    func flush() throws {
      guard !runs.isEmpty else { return }
      let packing = try Packing(runs, device: device)
      let hidden = try decoder(tokens, packing, cache: cache, parameters)
      // A run that stops short of its question's end goes on with the next.
      let last = zip(packing.lastRows, runs).compactMap { row, run in
        run.past + run.count == prompts[run.slot].count ? row : nil
      }
      if !last.isEmpty { ends.append(try hidden.rows(Tensor(tokens: last, shape: [last.count], device: device))) }
      (runs, tokens) = ([], [])
    }
    for (slot, prompt) in prompts.enumerated() {
      var past = shared
      while past < prompt.count {
        if tokens.count == Decoder.tokensAtOnce { try flush() }
        let count = min(prompt.count - past, Decoder.tokensAtOnce - tokens.count)
        runs.append(Packing.Run(count: count, past: past, slot: slot))
        tokens += prompt[past..<past + count]
        past += count
      }
    }
    try flush()
    return try Tensor.concatenated(ends, along: 0)
  }

  /// How many tokens all questions begin with; the last of each is always read.
  private var sharedTokens: Int {
    guard prompts.count > 1, let least = prompts.map(\.count).min() else { return 0 }
    let shared = (0..<least - 1).first { place in prompts.contains { $0[place] != prompts[0][place] } } ?? least - 1
    return shared >= Self.sharingPays ? shared : 0
  }

  /// Chooses a token for each of the active questions; those that go on with it, by question.
  private mutating func choose(_ hidden: Tensor, _ active: [Int]) throws -> [Int: Int32] {
    let logP = try hidden.logits(of: decoder.weights.words).logSoftmax()
    let chosen = try pick(logP, active)
    let likelihoods = try logP.chosen(chosen).floats()
    var said: [Int: Int32] = [:]
    for ((question, token), likelihood) in zip(zip(active, try chosen.tokens()), likelihoods) {
      generations[question].logProbabilities.append(likelihood)
      guard !stops.contains(token) else {
        generations[question].end = .stopped
        continue
      }
      generations[question].tokens.append(token)
      said[question] = token
      let length = prompts[question].count + generations[question].tokens.count
      if length > decoder.weights.positions, generations[question].tokens.count < most {
        generations[question].end = .window
      }
    }
    return said
  }

  private mutating func pick(_ logP: Tensor, _ active: [Int]) throws -> Tensor {
    guard case .drawn(let temperature, var generators) = sampling else { return try logP.argmax() }
    let uniforms = active.map { Float(generators[$0].next() >> 40) * 0x1p-24 }
    sampling = .drawn(temperature: temperature, generators)
    return try logP.drawn(temperature: temperature, by: Tensor(uniforms, shape: [active.count], device: device))
  }
}
